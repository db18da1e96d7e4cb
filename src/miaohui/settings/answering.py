"""What an answer is made from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class Turns(BaseModel):
    """A turn: what is recalled, and how long it may take."""

    memory_turns: int = Field(10, ge=3, le=50, description="Earlier turns of a conversation that the assistant sees.")
    memory_idle_minutes: float = Field(
        30, gt=0, le=10_080, description="Minutes of silence after which a conversation's short-term memory is dropped."
    )
    recall_deadline_ms: int = Field(
        200, ge=10, le=5_000, description="Longest wait for memories before a turn goes on."
    )
    turn_deadline_s: float = Field(60, ge=1, le=600, description="Longest life of a turn before it ends as failed.")
    turn_lease_s: float = Field(
        15, ge=1, le=300, description="How long a turn belongs to a silent process before another one takes it over."
    )
    running_turns: int = Field(5_000, ge=1, description="Turns that may run at once in one process.")
    strained_route: str = Field(
        "extractive",
        max_length=64,
        description="Route that answers what no kept answer fits while four fifths of what a process can bear are "
        "taken up; near the end nobody does, and a person answers later. Empty: whichever route it is otherwise.",
    )
    conversation_backlog: int = Field(10, ge=1, le=1_000, description="Turns that may wait in one conversation.")
    prompt_keep: float = Field(
        1.0,
        ge=0.4,
        le=1,
        description="Share of the passages' tokens given to a provider; under 1 saves cost and takes some CPU.",
    )
    prompt_whole_turns: int = Field(
        0, ge=0, le=50, description="Earlier turns told whole, those before them in a summary; 0 tells all that fit."
    )


class Retrieval(BaseModel):
    """The knowledge base."""

    retrieval_passages: int = Field(5, ge=1, le=20, description="Passages of the knowledge base given to the engine.")
    knowledge_index: Literal["process", "server"] = Field(
        "process",
        description="Where articles are searched: in this process, or in the PostgreSQL server for very many of them.",
    )
    knowledge_embedding: str = Field(
        "",
        max_length=200,
        description="Embedding model by which passages are found that say it in other words or another language, "
        "when words find no answer; empty: words alone. Its provider is a route with `embeddings`.",
    )
    knowledge_embedding_sure: float = Field(
        0.5, ge=0, le=1, description="Likeness by that model from which on a passage is taken for the answer."
    )
    knowledge_embedding_ms: int = Field(
        300, ge=10, le=10_000, description="How long a question that words do not answer waits for its vector."
    )
    knowledge_folder: Path | None = Field(
        None, description="Folder whose files are a tenant's articles: what changes in it is published by itself."
    )
    knowledge_folder_tenant: str = Field(
        "", max_length=64, description="Slug of that tenant; may be left out where there is one."
    )
    knowledge_folder_seconds: float = Field(
        5.0, ge=0.5, le=3600, description="Seconds between two looks at the folder; one process of all looks."
    )
    answer_threshold: float = Field(
        0.35,
        ge=0,
        le=1,
        description="Least answerability at which the assistant answers rather than says it does not know.",
    )


class Tools(BaseModel):
    """Tools, and where they ask."""

    tools: str = Field(
        "",
        description="Names of the tools, with commas between, that every tenant's assistant may use unless it chose: "
        "search_knowledge, request_human, create_ticket, calculate, calculate_price, now, send_code, confirm_code, and "
        "with orders also get_order and get_logistics.",
    )
    orders_url: str = Field("", description="Base URL of the shop's own server, where tools ask for orders.")
    orders_key: SecretStr = Field(SecretStr(""), description="Key for the shop's server; never logged.")
    orders_file: Path | None = Field(None, description="JSON file of orders, where no server is asked for them.")
    connector_private: bool = Field(
        False,
        description="Whether connectors of companies may lead to addresses inside this network; off guards against "
        "misuse.",
    )
    codes_url: str = Field("", description="Gateway that takes one-time codes to people by SMS or e-mail; empty: none.")
    codes_key: SecretStr = Field(SecretStr(""), description="Key for the gateway of codes; never logged.")
    codes_mail_url: SecretStr = Field(
        SecretStr(""), description="Mail server for one-time codes without a gateway: smtps://name:password@host."
    )
    codes_mail_from: str = Field("", description="Address that letters with codes come from.")
