"""Every setting, with its unit, its bounds and a sentence on what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class ConfigFile(BaseSettings):
    """Where the TOML file is: `MIAOHUI_CONFIG`."""

    model_config = SettingsConfigDict(env_prefix="MIAOHUI_", env_ignore_empty=True)

    config: Path | None = None


class Settings(BaseSettings):
    """Read from the environment (`MIAOHUI_PORT=…`), then a TOML file, then the defaults below."""

    model_config = SettingsConfigDict(
        env_prefix="MIAOHUI_", env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    # Server
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

    # Stores
    database_url: str = Field(
        "",
        description="The records: sqlite:///…, postgresql://… or mariadb://…; empty is SQLite in the data folder.",
    )
    redis_url: str = Field("", description="Redis shared by several processes; empty keeps everything in this process.")
    secret: SecretStr = Field(
        SecretStr(""),
        description="Key that signs tokens, 32 bytes or more; empty makes one and keeps it in the data folder.",
    )

    # The turn
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
    retrieval_passages: int = Field(5, ge=1, le=20, description="Passages of the knowledge base given to the engine.")
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
    prompt_keep: float = Field(
        1.0,
        ge=0.4,
        le=1,
        description="Share of the passages' tokens given to a provider; under 1 saves cost and takes some CPU.",
    )
    prompt_whole_turns: int = Field(
        0, ge=0, le=50, description="Earlier turns told whole, those before them in a summary; 0 tells all that fit."
    )
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

    # The desk
    desk_gone_seconds: float = Field(
        60,
        ge=5,
        le=3_600,
        description="Silence after which an agent is offline and their conversations wait for others.",
    )
    desk_review_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of the resolved conversations that is drawn for a quality review; low ratings always are.",
    )
    handoff_unanswered: int = Field(
        3, ge=0, le=100, description="Unanswered questions in a row after which a person is called; 0 never by itself."
    )
    handoff_upset: int = Field(
        2, ge=0, le=3, description="Upset messages among a visitor's last three that call a person; 0 never by itself."
    )
    handoff_turns: int = Field(
        0, ge=0, le=10_000, description="Answers of the assistant in a row after which a person is called; 0 never."
    )
    handoff_tool_failure: bool = Field(
        True, description="Whether a tool that failed, in a turn that did without it, calls a person."
    )
    translation: bool = Field(
        True, description="Whether agents may have messages translated by the engines; each company may turn it off."
    )
    translation_seconds: float = Field(
        20, gt=0, le=120, description="Longest wait for one translation, the wait for a free place included."
    )
    translation_at_once: int = Field(
        8, ge=1, le=200, description="Translations under way at a time on a node; others wait."
    )

    # Limits
    visitor_messages_per_minute: int = Field(30, ge=1, description="Messages that one visitor may send in a minute.")
    visitor_burst: int = Field(10, ge=1, description="Messages that one visitor may send at once.")
    tenant_messages_per_minute: int = Field(60_000, ge=1, description="Messages a minute for all visitors of a tenant.")
    tenant_burst: int = Field(3_000, ge=1, description="Messages that a tenant's visitors may send at once.")
    visitor_pictures_per_minute: int = Field(12, ge=1, description="Pictures that one visitor may send in a minute.")
    tenant_pictures_per_minute: int = Field(600, ge=1, description="Pictures a minute for all visitors of a tenant.")
    login_attempts_per_minute: int = Field(10, ge=1, description="Login attempts a minute for one account and client.")
    message_chars: int = Field(16_384, ge=1, le=1_048_576, description="Longest message text, in bytes of UTF-8.")
    body_bytes: int = Field(1_048_576, ge=1_024, description="Largest request body, bytes.")
    frame_bytes: int = Field(65_536, ge=1_024, description="Largest WebSocket frame from a client, bytes.")
    connections: int = Field(20_000, ge=1, description="WebSocket and SSE connections that one process holds.")
    queue_frames: int = Field(256, ge=8, description="Frames that may wait for one slow connection before it is cut.")
    queue_bytes: int = Field(1_048_576, ge=1_024, description="Bytes that may wait for one slow connection.")
    words_file: Path | None = Field(
        None, description="File of sensitive words, one a line; empty uses the built-in list."
    )
    webhook_private: bool = Field(
        False,
        description="Whether webhooks and pictures may be at addresses inside this network; off guards against misuse.",
    )
    webhook_lease_s: float = Field(
        60,
        ge=1,
        le=600,
        description="How long an event belongs to a silent sender before another one sends it; more than the 20 s that "
        "an endpoint may take, or events arrive twice.",
    )

    wechat_api_url: str = Field(
        "https://api.weixin.qq.com", description="Where WeChat's API is; another address for a proxy of your own."
    )
    wecom_api_url: str = Field(
        "https://qyapi.weixin.qq.com", description="Where WeCom's API is; another address for a proxy of your own."
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Where Telegram's API is; another address for a server of your own."
    )
    mail_poll_seconds: float = Field(
        30, ge=1, le=3_600, description="How often a mailbox is looked into for new letters."
    )
    mail_absent_minutes: float = Field(
        10,
        ge=0,
        le=1_440,
        description="Minutes of silence after which what a visitor did not see goes to their e-mail address; 0: never.",
    )
    mail_private: bool = Field(
        False, description="Whether mail servers may be inside this network; off guards against misuse."
    )
    wechat_answer_ms: int = Field(
        4_500,
        ge=100,
        le=4_800,
        description="How long WeChat waits for an answer before it is sent later; it gives 5 s.",
    )

    # Times of a connection
    hello_seconds: float = Field(5, gt=0, le=60, description="Time for a socket's first frame.")
    header_seconds: float = Field(10, gt=0, le=120, description="Time for a request's header.")
    body_seconds: float = Field(30, gt=0, le=600, description="Time for a request's body.")
    heartbeat_seconds: float = Field(25, ge=1, le=300, description="Silence after which a connection is pinged.")

    # The engine
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

    embedding_url: str = Field(
        "", description="Base URL of a provider of embeddings, for /v1/embeddings; more of them stand in a routes file."
    )
    embedding_key: SecretStr = Field(SecretStr(""), description="Key for that provider; never logged.")
    embedding_model: str = Field("", max_length=200, description="Its model, by which clients ask for it.")
    embedding_batch: int = Field(
        32, ge=1, le=2048, description="Texts that a provider of embeddings is sent at once; some take no more than 10."
    )

    # Trials
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

    # Answers told again
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

    # Seen through
    trace_url: str = Field(
        "", description="Where traces of turns go, an OTLP/HTTP address such as http://collector:4318; empty: nowhere."
    )
    trace_file: Path | None = Field(
        None, description="File that traces are added to, a line of OTLP JSON for each turn."
    )
    trace_share: float = Field(1.0, ge=0, le=1, description="Share of turns that are traced, when traces go anywhere.")

    # Alerts of this installation
    alert_throttled_percent: float = Field(
        1, ge=0, le=100, description="Share of providers' answers that say 'too many requests' above which it rings."
    )
    alert_timeout_percent: float = Field(5, ge=0, le=100, description="Share of timeouts above which it rings.")
    alert_success_percent: float = Field(
        95, ge=0, le=100, description="Share of turns that end well below which it rings."
    )
    alert_p95_seconds: float = Field(8, gt=0, le=600, description="Time of 95 in 100 turns above which it rings.")
    alert_queue: int = Field(
        1_000, ge=1, description="Writes that wait, or conversations that wait for a person, above which it rings."
    )
    alert_cost_a_day: float = Field(0, ge=0, description="Cost of providers in a day above which it rings; 0 never.")
    alert_disk_gigabytes: float = Field(2, ge=0, description="Free space of the data folder below which it rings.")
    alert_lag_seconds: float = Field(0.5, gt=0, le=60, description="Lateness of the event loop above which it rings.")
    alert_for_seconds: float = Field(60, ge=0, le=3_600, description="How long it must hold before anybody is told.")
    alert_window_seconds: float = Field(
        300, ge=1, le=3_600, description="Over how many seconds shares and the time of turns are taken."
    )
    alert_group_seconds: float = Field(
        30, ge=0, le=3_600, description="How long alerts gather before they are told together in one letter or call."
    )
    alert_again_hours: float = Field(4, gt=0, le=168, description="After how long what still holds is told again.")
    alert_smtp_url: SecretStr = Field(
        SecretStr(""), description="Mail server for alerts: smtp://name:password@host:587, or smtps://…; empty: none."
    )
    alert_mail_from: str = Field("", description="Sender of alert letters.")
    alert_mail_to: str = Field("", description="Who gets alert letters, with commas between.")
    alert_webhook_url: str = Field("", description="Address that alerts are posted to as JSON; empty: none.")
    alert_webhook_secret: SecretStr = Field(SecretStr(""), description="Secret that signs posted alerts (whsec_…).")
    alert_robot_kind: Literal["wecom", "dingtalk", "feishu"] = Field("wecom", description="Kind of the group's robot.")
    alert_robot_url: SecretStr = Field(SecretStr(""), description="The robot's address; empty: none.")
    alert_robot_secret: SecretStr = Field(SecretStr(""), description="For DingTalk's and Feishu's signatures.")
    alert_sms_url: str = Field("", description="Gateway that alerts are posted to for SMS; empty: none.")
    alert_sms_key: SecretStr = Field(SecretStr(""), description="Bearer key for the SMS gateway.")
    alert_sms_to: str = Field("", description="Phone numbers for alerts, with commas between.")
    alert_locale: Literal["zh-CN", "en"] = Field("zh-CN", description="Language of alerts.")

    # Jobs
    jobs: Literal["here", "elsewhere"] = Field(
        "here", description="Who sends webhooks and letters and sweeps: every serving node, or only `miaohui worker`."
    )
    celery_url: str = Field("", description="Broker for `miaohui worker --celery`; empty takes the Redis.")

    # Keeping
    keep_conversations_days: int = Field(
        0, ge=0, le=36_600, description="Days after which resolved conversations are erased; 0 keeps them."
    )
    keep_journal_days: int = Field(0, ge=0, le=36_600, description="Days that a turn's journal is kept; 0 always.")

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
