"""Where routes are written down: the settings, a file, the records. What changes there holds within two seconds.

The file holds one table per route, with the fields of `routes.Route`:

    [[route]]
    name = "official"
    base_url = "https://api.example.com/v1"
    model = "example-large"
    keys = [{ id = "a", secret_file = "/run/secrets/example" }]

A later layer wins over an earlier one: the records over the file, the file over the settings.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from miaohui.engines.routes import Catalog, build_catalog
from miaohui.kit import metrics
from miaohui.kit.errors import Invalid, Unavailable
from miaohui.kit.polling import keep_doing
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.engines.repository import EnginesRepository
    from miaohui.kit.sealed import Seal

_POLL_S = 1.0

_log = get_log(__name__)
_REFUSED = metrics.gauge(
    "miaohui_engine_routes_refused", "1 while a change of the routes is refused and the former ones hold."
)


class RouteBook:
    """Reads routes and gives them to `adopt`, which may refuse them with `Invalid`."""

    def __init__(
        self,
        adopt: Callable[[Catalog], None],
        *,
        given: Sequence[Mapping[str, Any]] = (),
        file: Path | None = None,
        records: EnginesRepository | None = None,
        seal: Seal | None = None,
    ) -> None:
        self._adopt = adopt
        self._given = given
        self._file = file
        self._records = records
        self._seal = seal
        self._seen: object = None
        self._secrets: tuple[Path, ...] = ()

    async def load(self) -> None:
        """Read everything. Raises `Invalid` with a sentence on what is wrong, and where."""
        stamp = await self._stamp()
        layers = await self._read()
        self._seen = await self._stamp() if self._secrets else stamp
        self._adopt(build_catalog(str(stamp), layers))

    async def _read(self) -> list[Sequence[Mapping[str, Any]]]:
        written, self._secrets = await asyncio.to_thread(_read_file, self._file) if self._file else ([], ())
        kept = await self._records.list_routes() if self._records else []
        return [self._given, written, [self._opened(described) for described in kept]]

    async def list_own(self, tenant_id: str) -> dict[str, dict[str, Any]]:
        """What one tenant, or (empty) the operator, described in the records, by name; with secrets."""
        kept = await self._records.list_own(tenant_id) if self._records else []
        return {described["name"]: self._opened(described) for described in kept}

    async def put(self, tenant_id: str, described: dict[str, Any], now_ms: int) -> None:
        """Keep a route in the records, for one tenant or (empty) for all, and serve it.

        Raises `Invalid`, and then nothing was kept.
        """
        # What was kept before is replaced, not changed: it must not fill in what the new description leaves out.
        given, written, kept = await self._read()
        others = [one for one in kept if (one.get("tenant", ""), one["name"]) != (tenant_id, described["name"])]
        build_catalog("", [given, written, [*others, {**described, "tenant": tenant_id}]])
        if self._records is not None:
            await self._records.put(tenant_id, self._sealed(tenant_id, described), now_ms)
        await self.load()

    async def drop(self, tenant_id: str, name: str) -> bool:
        """Forget what the records say of a route; whether they said anything."""
        dropped = bool(self._records and await self._records.drop(tenant_id, name))
        await self.load()
        return dropped

    async def seal_plain(self, now_ms: int) -> int:
        """Seal what an older version kept in plain words; how many descriptions."""
        kept = await self._records.list_routes() if self._records and self._seal else []
        plain = [one for one in kept if any("secret" in key for key in one.get("keys", ()))]
        for described in plain:
            tenant = described.get("tenant", "")
            await cast("EnginesRepository", self._records).put(tenant, self._sealed(tenant, described), now_ms)
        return len(plain)

    def _sealed(self, tenant_id: str, described: dict[str, Any]) -> dict[str, Any]:
        seal = self._seal
        if seal is None or "keys" not in described:
            return described
        place = f"route:{tenant_id}:{described['name']}"
        keys = [
            {name: value for name, value in key.items() if name != "secret"}
            | ({"sealed": seal.seal(key["secret"].encode(), f"{place}:{key['id']}")} if key.get("secret") else {})
            for key in described["keys"]
        ]
        return {**described, "keys": keys}

    def _opened(self, described: dict[str, Any]) -> dict[str, Any]:
        """A key that does not open is there without its secret: one lost secret must not take all routes away."""
        keys = described.get("keys", ())
        if self._seal is None or not any("sealed" in key for key in keys):
            return described
        place = f"route:{described.get('tenant', '')}:{described['name']}"
        opened = []
        for key in keys:
            sealed = key.get("sealed")
            plain = {name: value for name, value in key.items() if name != "sealed"}
            if sealed:
                try:
                    plain["secret"] = self._seal.open(sealed, f"{place}:{key['id']}").decode()
                except Unavailable:
                    _log.error("engine.key_sealed_elsewhere", route=described["name"], key=key["id"])
            opened.append(plain)
        return {**described, "keys": opened}

    async def refresh(self) -> bool:
        """Read again what has changed; whether it now holds. What is wrong is logged once, and the former holds."""
        stamp = await self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            await self.load()
        except Invalid as error:
            _REFUSED.set(1)
            _log.error("engine.routes_refused", detail=error.detail)
            return False
        _REFUSED.set(0)
        _log.info("engine.routes_changed")
        return True

    async def _stamp(self) -> tuple[object, ...]:
        """What differs whenever something was written."""
        times = await asyncio.to_thread(lambda: [_mark(path) for path in (self._file, *self._secrets) if path])
        return (*times, await self._records.version() if self._records else 0)

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=_POLL_S, failing="engine.routes_unread")


def _mark(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def read_file(path: Path) -> list[dict[str, Any]]:
    """The routes of a file, with the secrets that it names. Raises `Invalid`."""
    return _read_file(path)[0]


def _read_file(path: Path) -> tuple[list[dict[str, Any]], tuple[Path, ...]]:
    """The routes of a file, and the files of secrets that it names."""
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path} is not TOML: {error}.") from None
    routes = whole.pop("route", [])
    if whole or not isinstance(routes, list) or not all(isinstance(route, dict) for route in routes):
        raise Invalid(f"{path} may hold [[route]] tables only; see the reference of routes.")
    return routes, tuple(secret for route in routes for secret in _fill_secrets(route))


def _fill_secrets(route: dict[str, Any]) -> list[Path]:
    files: list[Path] = []
    for key in route.get("keys", ()):
        if isinstance(key, dict) and "secret_file" in key:
            file = Path(str(key.pop("secret_file")))
            try:
                key["secret"] = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Invalid(f"Route {route.get('name', '?')}: {file} cannot be read: {error}.") from None
            files.append(file)
    return files
