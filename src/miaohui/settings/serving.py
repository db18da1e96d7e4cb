"""What a process needs to serve: its place, its stores, its times and its work beside."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class Server(BaseModel):
    """The server."""

    data: Path = Field(Path("data"), description="Folder for the database file, the secret and everything stored.")
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every interface.")
    port: int = Field(8000, ge=0, le=65_535, description="TCP port to listen on; 0 takes a free one.")
    workers: int = Field(
        1, ge=1, le=64, description="Server processes; more than one needs a database server and Redis."
    )
    admin_port: int = Field(
        0,
        ge=0,
        le=65_535,
        description="Separate port for metrics and readiness, each further worker one higher; 0 uses the main port.",
    )
    admin_host: str = Field(
        "127.0.0.1", description="Address for the admin port; keep it inside, for it answers everybody who asks."
    )
    public_url: str = Field(
        "", description="Address under which visitors reach this server; empty takes the request's."
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Addresses of proxies, with commas between, that are believed when they say who calls.",
    )
    demo: bool = Field(False, description="Whether to set up the sample shop at the first start.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least important level of log line that is written."
    )
    log_json: bool = Field(False, description="Whether log lines are JSON objects.")
    drain_seconds: float = Field(20, ge=0, le=600, description="How long running turns may finish after SIGTERM.")


class Stores(BaseModel):
    """Where everything is kept."""

    database_url: str = Field(
        "",
        description="The records: sqlite:///…, postgresql://… or mariadb://…; empty is SQLite in the data folder.",
    )
    redis_url: str = Field("", description="Redis shared by several processes; empty keeps everything in this process.")
    secret: SecretStr = Field(
        SecretStr(""),
        description="Key that signs tokens, 32 bytes or more; empty makes one and keeps it in the data folder.",
    )
    secret_before: SecretStr = Field(
        SecretStr(""),
        description="The secret before that one: what it signed and sealed holds still; empty takes the data folder's.",
    )


class Connections(BaseModel):
    """Times of a connection."""

    hello_seconds: float = Field(5, gt=0, le=60, description="Time for a socket's first frame.")
    header_seconds: float = Field(10, gt=0, le=120, description="Time for a request's header.")
    body_seconds: float = Field(30, gt=0, le=600, description="Time for a request's body.")
    heartbeat_seconds: float = Field(25, ge=1, le=300, description="Silence after which a connection is pinged.")


class Jobs(BaseModel):
    """Work beside the answers."""

    jobs: Literal["here", "elsewhere"] = Field(
        "here", description="Who sends webhooks and letters and sweeps: every serving node, or only `miaohui worker`."
    )
    celery_url: str = Field("", description="Broker for `miaohui worker --celery`; empty takes the Redis.")


class Keeping(BaseModel):
    """How long things are kept."""

    keep_conversations_days: int = Field(
        0, ge=0, le=36_600, description="Days after which resolved conversations are erased; 0 keeps them."
    )
    keep_journal_days: int = Field(0, ge=0, le=36_600, description="Days that a turn's journal is kept; 0 always.")
