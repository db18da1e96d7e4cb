"""Reading the settings, and keeping the secret that signs tokens."""

from __future__ import annotations

import os
import secrets
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource

from miaohui.kit.errors import FieldError, Invalid
from miaohui.settings.types import ConfigFile, Settings

_SECRET_BYTES = 32
_KNOWN_SECRETS = frozenset({"changeme", "secret", "golivechat", "gofly", "miaohui", "password", "test", "example"})


def load(**overrides: Any) -> Settings:
    """Settings from `overrides`, the environment, the TOML file that `MIAOHUI_CONFIG` names, and the defaults.

    The earlier wins. Raises `Invalid` naming every field that is wrong.
    """
    config = ConfigFile().config
    if config and not config.is_file():
        raise Invalid(f"MIAOHUI_CONFIG names {config}, and there is no such file.")
    try:
        return Settings(**overrides)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{config} is not TOML: {error}") from None
    except ValidationError as error:
        raise Invalid(
            "Some settings are wrong: "
            + "; ".join(f"{_field(item['loc'])}: {item['msg']}" for item in error.errors(include_input=False)),
            errors=[FieldError(_field(item["loc"]), item["msg"]) for item in error.errors(include_input=False)],
        ) from None


def given_names() -> list[str]:
    """The MIAOHUI_… variables of the environment, whether or not each is a setting."""
    found = EnvSettingsSource(Settings).env_vars
    return sorted(name.upper() for name, value in found.items() if name.startswith("miaohui_") and value)


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def secret_of(settings: Settings) -> bytes:
    """The secret that signs tokens; made once and kept in the data folder, readable by its owner only.

    Raises `Invalid` when the one given is short or well known.
    """
    given = settings.secret.get_secret_value()
    return _checked(given.encode()) if given else _kept(settings.data / "secret")


def secret_before_of(settings: Settings) -> bytes:
    """The one before, while it is being replaced; empty for none. Raises `Invalid` as `secret_of` does.

    One that was kept in the data folder stays there, under the name `secret_before`.
    """
    given, file = settings.secret_before.get_secret_value(), settings.data / "secret_before"
    if given:
        return _checked(given.encode())
    return _kept(file) if file.is_file() else b""


def _kept(file: Path) -> bytes:
    try:
        return _checked(bytes.fromhex(file.read_text(encoding="ascii").strip()))
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    except ValueError:
        raise Invalid(f"{file} does not hold a secret in hexadecimal; delete it to have a new one made.") from None
    _put_once(file, secrets.token_bytes(_SECRET_BYTES))
    return _kept(file)


def _put_once(file: Path, secret: bytes) -> None:
    # Written aside and linked: of two processes that start at once one wins, and neither reads half a secret.
    aside = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        out.write(secret.hex())
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(aside, file)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _checked(secret: bytes) -> bytes:
    if len(secret) < _SECRET_BYTES:
        raise Invalid(f"MIAOHUI_SECRET is too short: {_SECRET_BYTES} bytes at least; leave it empty to have one made.")
    text = secret.decode("latin-1").lower()
    if len(set(secret)) < 8 or any(
        text.strip("0123456789-_!. ") == known * (len(text) // len(known) or 1) for known in _KNOWN_SECRETS
    ):
        raise Invalid("MIAOHUI_SECRET is a well-known value; leave it empty to have a good one made.")
    return secret
