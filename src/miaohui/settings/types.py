"""Every setting: its unit, its bounds and a sentence on what it does, group by group as the reference shows them."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from miaohui.settings.answering import Retrieval, Tools, Turns
from miaohui.settings.doors import Doors, Limits
from miaohui.settings.people import Desk
from miaohui.settings.providers import Embeddings, Engine, KeptAnswers, Trials
from miaohui.settings.serving import Connections, Jobs, Keeping, Server, Stores
from miaohui.settings.watching import Alerts, Tracing


class ConfigFile(BaseSettings):
    """Where the TOML file is: `MIAOHUI_CONFIG`."""

    model_config = SettingsConfigDict(env_prefix="MIAOHUI_", env_ignore_empty=True)

    config: Path | None = None


class Settings(
    Server,
    Stores,
    Connections,
    Limits,
    Turns,
    Retrieval,
    Tools,
    Engine,
    Embeddings,
    KeptAnswers,
    Trials,
    Desk,
    Doors,
    Tracing,
    Alerts,
    Jobs,
    Keeping,
    BaseSettings,
):
    """Read from the environment (`MIAOHUI_PORT=…`), then a TOML file, then the defaults of the groups."""

    model_config = SettingsConfigDict(
        env_prefix="MIAOHUI_", env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (the form that pydantic asks for)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (as above)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code wins, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, ConfigFile().config)

    @property
    def records_url(self) -> str:
        """`database_url`, or the SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data / 'miaohui.db'}"


GROUPS: tuple[type[BaseModel], ...] = tuple(
    base for base in Settings.__bases__ if issubclass(base, BaseModel) and base is not BaseSettings
)
"""In the order in which the reference shows them."""
