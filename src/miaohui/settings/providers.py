"""Who is asked for answers and vectors, and what is not asked again."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr


class Engine(BaseModel):
    """The provider of answers."""

    engine_url: str = Field(
        "", description="Base URL of an OpenAI-compatible provider; empty answers from the knowledge base alone."
    )
    engine_key: SecretStr = Field(SecretStr(""), description="Key for the provider; never logged.")
    engine_model: str = Field("", description="Model to ask for at the provider.")
    engine_connect_ms: int = Field(1_000, ge=10, le=60_000, description="Time to connect to the provider.")
    engine_first_content_ms: int = Field(5_000, ge=10, le=120_000, description="Time to the provider's first words.")
    engine_idle_ms: int = Field(10_000, ge=10, le=120_000, description="Longest gap inside the provider's stream.")
    engine_total_s: float = Field(60, gt=0, le=600, description="Longest whole answer of the provider.")
    engine_coalesce_ms: int = Field(
        100, ge=0, le=1_000, description="How long pieces of a stream gather before they go on."
    )
    engines_file: Path | None = Field(
        None, description="TOML file of routes to engines; read again when it changes, and refused while it is wrong."
    )
    engine_hedging: bool = Field(
        False, description="Whether a second provider may be asked when the first is slower than it mostly is."
    )
    engine_private: bool = Field(
        False, description="Whether routes that a company's admin makes may lead to addresses inside this network."
    )
    engine_ledger_days: int = Field(
        90, ge=1, le=3_660, description="How long each attempt is kept by itself; after that, sums of its day."
    )
    engine_max_output_tokens: int = Field(800, ge=1, le=32_768, description="Longest answer, tokens.")
    completion_models: str = Field(
        "miaohui",
        description="Model names, with commas between, that clients of /v1/chat/completions may ask for; all are one.",
    )


class Embeddings(BaseModel):
    """The provider of vectors."""

    embedding_url: str = Field(
        "", description="Base URL of a provider of embeddings, for /v1/embeddings; more of them stand in a routes file."
    )
    embedding_key: SecretStr = Field(SecretStr(""), description="Key for that provider; never logged.")
    embedding_model: str = Field("", max_length=200, description="Its model, by which clients ask for it.")
    embedding_batch: int = Field(
        32, ge=1, le=2048, description="Texts that a provider of embeddings is sent at once; some take no more than 10."
    )


class Trials(BaseModel):
    """Providers on trial."""

    grey_url: str = Field("", description="Base URL of a provider that answers a share of conversations; empty: none.")
    grey_key: SecretStr = Field(SecretStr(""), description="Key for the provider on trial; never logged.")
    grey_model: str = Field("", description="Model to ask for at the provider on trial.")
    grey_share: float = Field(0.1, ge=0, le=1, description="Share of conversations that the provider on trial answers.")
    shadow_url: str = Field(
        "", description="Base URL of a provider that is asked after the answer, and heard by nobody; empty: none."
    )
    shadow_key: SecretStr = Field(SecretStr(""), description="Key for the shadow's provider; never logged.")
    shadow_model: str = Field("", description="Model to ask for at the shadow's provider.")
    shadow_share: float = Field(0.05, ge=0, le=1, description="Share of conversations that the shadow is asked about.")
    shadow_a_minute: int = Field(60, ge=1, le=100_000, description="Shadow answers in a minute; more are left out.")


class KeptAnswers(BaseModel):
    """Answers told again."""

    answer_cache: bool = Field(
        True, description="Whether a provider's answer is kept for those who ask the same; off asks anew each time."
    )
    answer_cache_entries: int = Field(1_024, ge=1, le=1_000_000, description="Answers that one process keeps.")
    answer_cache_megabytes: int = Field(32, ge=1, le=4_096, description="Memory for the answers that a process keeps.")
    answer_cache_minutes: float = Field(
        5, gt=0, le=1_440, description="How long a process keeps an answer; a published change ends it at once."
    )
    answer_cache_redis_minutes: float = Field(
        60, gt=0, le=10_080, description="How long Redis keeps an answer for all processes, give or take a tenth."
    )
    answer_semantic: bool = Field(
        False, description="Whether an answer is also told to those who ask nearly the same in other words."
    )
    shared_calls: int = Field(
        4_096, ge=0, description="Calls under way that identical questions may join; 0 asks the provider for each."
    )
