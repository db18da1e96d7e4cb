"""What the doctor looks at on this machine: folder, disk, clock, files, secret, port."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import miaohui
from miaohui.kit.clock import SystemClock

if TYPE_CHECKING:
    from miaohui.settings.types import Settings

State: TypeAlias = Literal["ok", "note", "wrong"]
Seen: TypeAlias = tuple[State, str, str]
"""How it is, what was seen, and how to mend it."""

LOW_DISK_BYTES = 1 << 30
BEFORE_THIS_CODE_MS = 1_760_000_000_000
"""October 2025: a clock that shows an earlier day is not set."""
SKEW_S = 2.0
_FAR = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.s3fs", "9p", "afs", "ceph", "glusterfs"})
"""Disks of other machines (https://www.sqlite.org/useovernet.html)."""
SPARE_FILES = 1_200
"""Files that a process opens beside its connections."""


async def check_python(_settings: Settings) -> Seen:
    """A released one."""
    if sys.version_info.releaselevel != "final":
        return "note", platform.python_version(), "This is not a released Python; its faults will look like ours."
    return "ok", platform.python_version(), ""


async def check_data_folder(settings: Settings) -> Seen:
    """Can be written."""
    folder, nearest = settings.data, _nearest(settings.data)
    if not nearest.is_dir():
        return "wrong", f"{nearest} is not a folder", "Name a folder in MIAOHUI_DATA, or move that file away."
    if not os.access(nearest, os.W_OK):
        return "wrong", f"{folder} cannot be written", f"chown it to the one who runs the server: {nearest}"
    if not settings.database_url and (kind := _kind_of_disk(nearest)) in _FAR:
        mend = "Use a disk of this machine, or a database server (MIAOHUI_DATABASE_URL)."
        return "wrong", f"{folder} is on {kind}, where SQLite's locks and syncs do not hold", mend
    return "ok", f"{folder.absolute()}" + ("" if folder.exists() else " (will be made)"), ""


async def check_disk(settings: Settings) -> Seen:
    """Has room."""
    free = shutil.disk_usage(_nearest(settings.data)).free
    if free < LOW_DISK_BYTES:
        return "wrong", f"{free / 1e9:.1f} GB free", "Free some space: messages are refused when the disk is full."
    return "ok", f"{free / 1e9:.0f} GB free", ""


def _kind_of_disk(folder: Path) -> str:
    """As the system calls it, such as `ext4`; empty where it does not say."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = [(fields[4], line.partition(" - ")[2].split()[0]) for line in lines if len(fields := line.split()) > 4]
    over = [(place, kind) for place, kind in found if folder.resolve().is_relative_to(place)]
    return max(over, key=lambda one: len(one[0]), default=("", ""))[1]


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


async def check_clock(settings: Settings) -> Seen:
    """Is set, and goes with the disk's."""
    now_ms = SystemClock().now_ms()
    if now_ms < BEFORE_THIS_CODE_MS:
        return "wrong", "the clock is not set", "Set the time, or let chrony or systemd-timesyncd do it."
    skew_s = await asyncio.to_thread(_disk_skew_s, settings.data, now_ms)
    if skew_s > SKEW_S:
        return "note", f"the disk's clock differs by {skew_s:.0f} s", "Let both machines follow the same time server."
    return "ok", "set", ""


def _disk_skew_s(folder: Path, now_ms: int) -> float:
    """How far the clock of the disk, which may be another machine's, is from ours."""
    with tempfile.NamedTemporaryFile(dir=folder if folder.is_dir() else None) as file:
        return abs(Path(file.name).stat().st_mtime - now_ms / 1000)


async def check_files(settings: Settings) -> Seen:
    """As many as the settings let connections in."""
    try:
        import resource
    except ImportError:
        return "ok", "no limit on this system", ""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = settings.connections + SPARE_FILES
    if hard not in {resource.RLIM_INFINITY, -1} and hard < wanted:
        mend = f"ulimit -n {wanted}, or LimitNOFILE={wanted} in the unit; or a lower MIAOHUI_CONNECTIONS."
        return "note", f"{hard} may be open, {settings.connections} connections may come", mend
    return "ok", f"{settings.connections} connections may come", ""


async def check_secret(settings: Settings) -> Seen:
    """Is there for all nodes, and nobody else reads it."""
    file = settings.data / "secret"
    if settings.secret.get_secret_value():
        return _check_given(settings)
    if settings.redis_url:
        mend = "Set MIAOHUI_SECRET to the same value for all; otherwise each makes its own and refuses others' tokens."
        return "note", "not set, and several nodes need the same one", mend
    if not file.exists():
        return "ok", "will be made at the first start", ""
    if file.stat().st_mode & 0o077:
        return "wrong", f"{file} can be read by others", f"chmod 600 {file}"
    return "ok", f"{file}", ""


def _check_given(settings: Settings) -> Seen:
    from miaohui.kit.errors import MiaohuiError
    from miaohui.settings.service import secret_of

    try:
        secret_of(settings)
    except MiaohuiError as error:
        return "wrong", error.detail, 'python3 -c "import secrets; print(secrets.token_urlsafe(36))" makes one.'
    return "ok", "from MIAOHUI_SECRET", ""


async def check_port(settings: Settings) -> Seen:
    """Is free, or ours."""
    host, port = settings.host, settings.port
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except PermissionError:
        mend = "Choose a port over 1023 and put nginx in front, or give the right to low ports."
        return "wrong", f"{port} may not be taken", mend
    except OSError as error:
        return await _check_taken(settings, error)
    return "ok", f"{host}:{port} is free", ""


async def _check_taken(settings: Settings, why: OSError) -> Seen:
    from miaohui.cli.demo import base_url
    from miaohui.kit.errors import MiaohuiError
    from miaohui.kit.fetch import Ask, Fetcher

    url = base_url(settings.model_copy(update={"public_url": ""}))
    try:
        async with Fetcher(allow_private=True) as fetcher:
            answer = await fetcher.fetch(Ask(url=f"{url}/healthz"))
    except MiaohuiError:
        answer = None
    if answer is not None and answer.status == 200:
        return "ok", f"{settings.host}:{settings.port}, in use by a running server", ""
    return "wrong", f"{settings.host}:{settings.port}: {why.strerror}", "Choose another MIAOHUI_PORT or MIAOHUI_HOST."


async def check_web_pages(_settings: Settings) -> Seen:
    """Are built."""
    static = Path(miaohui.__file__).parent / "static"
    missing = [app for app in ("widget", "console") if not any((static / app).glob("*"))]
    if missing:
        return "wrong", f"{' and '.join(missing)} not built", "make web (an installed wheel carries them)"
    return "ok", "widget and console are there", ""
