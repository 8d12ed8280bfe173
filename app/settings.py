"""The one settings model: environment variables, `.env`, `groundkb.toml`.

Nothing here is global: `load_settings()` builds a `Settings` that callers pass on.

Over 350 lines: one field and its meaning for each setting, and no more than that.
"""

import os
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from platformdirs import user_cache_path, user_data_path
from pydantic import (
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from app.errors import Inconsistent, Phrase, SettingsInvalid, together
from app.texts import catalogues
from app.texts.complaints import complaint

PREFIX = "GROUNDKB_"
# A tag that does not move: `qwen3:4b` was given to a model that always thinks before it answers.
DEFAULT_OLLAMA_MODEL = "qwen3:4b-instruct-2507-q4_K_M"
# The default of earlier versions: whoever has it alone goes on with it.
EARLIER_OLLAMA_MODEL = "qwen3:4b"


class Settings(BaseSettings):
    """All that can be set. Names in the environment are these in upper case behind `GROUNDKB_`.

    Order of precedence: arguments, environment, `.env`, `groundkb.toml`, the defaults here.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        # A `.env` is often shared with Docker Compose: what has another prefix is not ours.
        dotenv_filtering="match_prefix",
        toml_file="groundkb.toml",
        extra="forbid",
        populate_by_name=True,
        frozen=True,
    )

    # Folders. These two are the only ones that groundkb writes to.
    data: Path = Field(
        default_factory=lambda: user_data_path("groundkb"),
        description="The library: database, originals, embedded index.",
    )
    models: Path = Field(
        default_factory=lambda: user_cache_path("groundkb") / "models", description="Model weights."
    )

    # Where weights come from.
    weights_dir: Path | None = Field(
        None, description="A folder to take weights from before asking any network."
    )
    hub: Literal["huggingface", "modelscope", "none"] = Field(
        "huggingface", description="The model hub to try."
    )

    # Embedding.
    embedding_model: str = Field(
        "intfloat/multilingual-e5-small",
        min_length=1,
        description="A sentence-transformers model: name on the hub or folder.",
    )
    embedding_revision: str | None = Field(None, description="Its revision on the hub.")
    embedding_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Base URL, with its /v1, of an OpenAI-compatible server that embeds; unset: this process does.",
    )
    embedding_api_key: SecretStr | None = Field(None, description="Its key, if it wants one.")
    embedding_timeout: float = Field(
        60.0, gt=0, le=3_600, description="Longest wait for an answer of it, seconds."
    )
    reader_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Where `groundkb reader` runs that reads passages for this process; unset: this process does.",
    )
    reader_api_key: SecretStr | None = Field(
        None, min_length=1, description="The key that `groundkb reader` wants, here and there."
    )
    reader_timeout: float = Field(
        30.0, gt=0, le=3_600, description="Longest wait for an answer of it, seconds."
    )
    embedding_query_prefix: str | None = Field(
        None, description="Put before a question; unset: what the model is known to want."
    )
    embedding_passage_prefix: str | None = Field(
        None, description="Put before a passage; unset: what the model is known to want."
    )
    embedding_precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto",
        description="Of embedding and reading; auto: bf16 where the processor computes in it, else fp32.",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto",
        description="Where embedding, reading and reranking compute; auto: a GPU where there is one.",
    )
    reranker: str | None = Field(
        None,
        description="A cross-encoder by name or folder that orders what was found, while the reader judges; unset: the reader orders, too.",
    )

    # Chat.
    chat: Literal["auto", "ollama", "openai", "embedded", "none"] = Field(
        "auto",
        description="auto: Ollama if it answers and has the model, else embedded; none: answers are verbatim quotes.",
    )
    chat_model: str | None = Field(
        None,
        min_length=1,
        description=f"The chat model's name; unset with Ollama: {DEFAULT_OLLAMA_MODEL}.",
    )
    chat_num_ctx: int = Field(
        8192, ge=1024, le=1_048_576, description="The chat model's window, tokens."
    )
    chat_max_tokens: int = Field(512, ge=16, le=32_768, description="Longest answer, tokens.")
    chat_temperature: float = Field(0.0, ge=0.0, le=2.0, description="0 is greedy.")
    chat_timeout: float = Field(
        120.0, gt=0, le=3600, description="Longest silence of the chat model, seconds."
    )
    chat_idle_seconds: float = Field(
        900.0,
        ge=0,
        le=86_400,
        description="How long the embedded chat model stays in memory unasked (seconds); the next question loads it again. 0: always.",
    )
    prompt_set: Literal["auto", "full", "simple"] = Field(
        "auto",
        description="Which prompts the chat model gets; auto: simple ones up to 3 billion parameters, by the model's name. With the simple ones lists, steps and comparisons that the reader is sure of are quoted, not written.",
    )
    ollama_url: str = Field(
        "http://127.0.0.1:11434", pattern=r"^https?://", description="The Ollama server."
    )
    ollama_keep_alive: str = Field("10m", description="How long Ollama keeps the model in memory.")
    openai_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Base URL of an OpenAI-compatible server, with its /v1.",
    )
    openai_api_key: SecretStr | None = Field(None, description="Its key, if it wants one.")

    # Index.
    qdrant_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="A Qdrant server; unset: the embedded index.",
    )
    qdrant_api_key: SecretStr | None = Field(
        None,
        description="Its key, if it wants one.",
    )
    qdrant_grpc_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="The port of its gRPC (6334 usually), by which passages are then written and searched; unset: HTTP alone.",
    )
    qdrant_timeout: int = Field(
        10, ge=1, le=600, description="Longest wait for the Qdrant server, seconds."
    )
    qdrant_shards: int | None = Field(
        None, ge=1, le=1_000, description="Shards of a new collection; unset: the server's choice."
    )
    qdrant_replicas: int | None = Field(
        None,
        ge=1,
        le=100,
        description="Copies of each shard of a new collection; unset: the server's choice.",
    )
    qdrant_quantisation: Literal["none", "int8"] = Field(
        "none",
        description="int8: a new collection searches through vectors of a byte a number, kept in memory, and ranks by the originals.",
    )
    qdrant_on_disk: bool = Field(
        False, description="A new collection keeps original vectors and texts on disk."
    )
    qdrant_exact_below: int = Field(
        50_000,
        ge=0,
        le=1_000_000_000,
        description="Passages of a knowledge base on a Qdrant server from which on a question is compared with the windows of the nearest 400 alone, found by a graph, instead of with all.",
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the library database; unset: SQLite in GROUNDKB_DATA."
    )

    originals_url: str | None = Field(
        None,
        pattern=r"^(s3|gs|gcs|abfs)://[^/?#]+",
        description="A bucket, or a folder of one, for originals and uploads (`s3://bucket/folder`), so that several machines need no folder in common; unset: GROUNDKB_DATA.",
    )

    # Knowledge base, retrieval, answering.
    kb: str = Field(
        "default",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
        description="The knowledge base that is meant when none is named.",
    )
    retrieve: int = Field(8, ge=1, le=100, description="Passages retrieved.")
    read_passages: int = Field(
        24, ge=1, le=100, description="Passages found that the reader goes over, at most."
    )
    read_seconds: float = Field(
        1.0,
        gt=0,
        le=60,
        description="About how long the reader may take for one question; it reads 8 passages in any case.",
    )
    search_seconds: float = Field(
        3.0,
        ge=0,
        le=120,
        description="How long after a question further searches may begin where the first one finds nothing that answers (seconds), of a question about several things for each of them; 0: never.",
    )
    strictness: Literal["strict", "flag"] = Field(
        "strict",
        description="strict: an answer without evidence becomes a refusal; flag: it is shown and marked.",
    )
    calibration: Path | None = Field(
        None,
        description="File with refusal thresholds, as `groundkb calibrate` writes it; unset: the one that comes with groundkb.",
    )
    context_passages: int = Field(
        4, ge=1, le=50, description="Passages shown to the chat model, at most."
    )

    answers_again: int = Field(
        0,
        ge=0,
        le=100_000,
        description="Answers kept in memory and given again to an equal question while nothing that they depend on has changed (docs/improving.md); 0: none.",
    )

    readings_kept: int = Field(
        4_000,
        ge=0,
        le=10_000_000,
        description="What the reader said of a question and a passage, kept in memory (some 1 kB each, no text), so that the same question over the same passages is not read again; 0: none.",
    )

    # Ingestion.
    max_delete_share: float = Field(
        0.3,
        ge=0,
        le=1,
        description="A sync that would remove a larger share of the documents under a root stops.",
    )
    engine: Literal["local", "ray"] = Field(
        "local",
        description="What parses and embeds unless said otherwise: this process, or a Ray cluster.",
    )
    ray_address: str | None = Field(
        None,
        description="The Ray cluster that `--engine ray` uses; unset: Ray is started on this machine.",
    )
    ray_workers: int | None = Field(
        None, ge=1, le=10_000, description="Ray workers; unset: as many as the processors allow."
    )
    ray_worker_cpus: int = Field(2, ge=1, le=256, description="Processors of each Ray worker.")
    max_file_bytes: int = Field(200_000_000, ge=1, description="Larger files are refused.")
    max_unpacked_bytes: int = Field(
        500_000_000,
        ge=1,
        description="Office files that unpack to more are refused, zip archives passed over.",
    )
    archive_max_files: int = Field(
        5_000,
        ge=0,
        le=50_000,
        description="Zip archives are read as folders; those with more files are passed over; 0: all are.",
    )
    max_upload_files: int = Field(
        100, ge=1, le=10_000, description="Uploads of more files at once are refused."
    )
    max_upload_bytes: int = Field(
        1_000_000_000, ge=1_000, description="Uploads that are larger in all are refused."
    )
    schedule: bool = Field(
        True, description="`groundkb serve` syncs registered sources when their time has come."
    )
    serve_jobs: bool = Field(
        True,
        description="`groundkb serve` carries out uploads and syncs itself; off: processes of `groundkb worker` do.",
    )
    max_pages: int = Field(5_000, ge=1, description="PDF files with more pages are refused.")
    max_text_chars: int = Field(
        20_000_000, ge=1_000, description="Documents with more text, in characters, are refused."
    )
    max_passages: int = Field(
        20_000, ge=1, description="Documents that are cut into more passages are refused."
    )
    max_rows: int = Field(200_000, ge=1, description="Documents with more table rows are refused.")
    max_headings: int = Field(50_000, ge=1, description="Documents with more headings are refused.")
    parse_timeout: float = Field(
        120.0,
        gt=0,
        le=86_400,
        description="Longest time to read one document, seconds; as long again for every 10 MB of it. OCR has its own.",
    )
    parse_memory_bytes: int = Field(
        2_000_000_000,
        ge=300_000_000,
        description="Most memory for reading one document; each is read in a process apart.",
    )
    parse_workers: int | None = Field(
        None,
        ge=1,
        le=64,
        description="Processes that read documents; unset: half as many as processors, at most 4.",
    )
    ocr: Literal["auto", "off"] = Field(
        "auto", description="Read pictures and scanned pages; auto: if OCR is installed."
    )
    ocr_max_pages: int = Field(
        500, ge=1, description="Documents with more pages to recognise are refused."
    )
    ocr_timeout: float = Field(
        1_800.0, gt=0, description="Longest time to recognise one document, seconds."
    )

    url_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts that web sources may fetch from, comma-separated, `*.example.org` for all below it; none: that of the source itself.",
    )
    url_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (),
        description="Networks besides the public ones that web sources may fetch from, comma-separated, such as `10.1.0.0/16`.",
    )
    url_timeout: float = Field(
        30.0, gt=0, le=3600, description="Longest time to fetch one page, seconds."
    )
    url_max_pages: int = Field(10_000, ge=1, description="Pages taken from one sitemap, at most.")

    # Door.
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0: any free one.")
    root_path: str = Field("", description="Path prefix when behind a proxy, such as /kb.")
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="Keys that open the API, comma-separated; none: open to whoever reaches the port.",
    )
    operator_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="Keys, comma-separated, whose holder may manage sources in the page; they open the API too.",
    )
    accounts: bool = Field(
        False,
        description="People with roles, groups and keys of their own (docs/people.md); off: whoever may call may do all.",
    )
    audit_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="How long it is noted who asked, read, changed and signed in (`groundkb audit`); 0: it is not.",
    )
    audit_questions: bool = Field(False, description="Note the questions, too.")
    session_days: int = Field(
        14, ge=1, le=365, description="How long somebody stays signed in, with accounts."
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$",
        description="The address under which people reach this server, path prefix included, such as `https://kb.example.org`; unset: as each request has it.",
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^https?://[^?#\s]+$",
        description="An OpenID Connect provider by which people sign in, with accounts: its issuer URL.",
    )
    oidc_client_id: str | None = Field(
        None, min_length=1, description="The name by which the provider knows this server."
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="Its secret; unset: a public client, by PKCE alone."
    )
    oidc_scopes: str = Field(
        "openid profile email", pattern=r"\bopenid\b", description="What the provider is asked for."
    )
    oidc_name: str = Field(
        "OpenID Connect", min_length=1, max_length=60, description="What the button says after it."
    )
    oidc_groups_claim: str | None = Field(
        None,
        min_length=1,
        description="The claim that lists a person's groups, such as `groups`; unset: groups are given here.",
    )
    proxy_user_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="The header by which an authenticating proxy of GROUNDKB_TRUSTED_PROXIES names the person, such as `Remote-User`, with accounts.",
    )
    proxy_groups_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="The header by which it lists the person's groups, with commas, such as `Remote-Groups`; unset: groups are given here.",
    )
    admin_group: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Whoever is in this group of the provider's or proxy's is an admin, and nobody else whom they sign in; unset: roles are given here.",
    )
    new_person_role: Literal["reader", "editor"] = Field(
        "reader", description="The role of whom a provider or proxy signs in for the first time."
    )
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of proxies, comma-separated, that are believed about whom they speak for; unset: this machine, and of addresses only.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Host names, comma-separated, that may be used besides loopback when there are no API keys.",
    )
    max_question_chars: int = Field(4_000, ge=1, description="Longer questions are refused.")
    max_body_bytes: int = Field(
        1_000_000, ge=1_000, description="Larger request bodies are refused."
    )
    max_connections: int = Field(
        1_000, ge=1, le=100_000, description="More connections at once are refused."
    )
    max_connections_per_address: int = Field(
        200,
        ge=1,
        le=100_000,
        description="More connections at once from one address, but loopback, are refused.",
    )
    header_timeout: float = Field(
        15.0, gt=0, le=600, description="Longest time for the headers of a request, seconds."
    )
    body_timeout: float = Field(
        30.0,
        gt=0,
        le=3_600,
        description="Longest time for the body of a request, seconds, and one more for each 1,000 bytes.",
    )
    max_wrong_keys: int = Field(
        20, ge=1, le=10_000, description="Wrong API keys from one address in a minute, at most."
    )
    max_requests: int = Field(
        6_000,
        ge=1,
        le=10_000_000,
        description="Requests of one person or key, and of one address but loopback, in a minute, at most.",
    )
    answers_at_once: int = Field(
        4, ge=1, le=1_000, description="Questions answered at once; others wait in a queue."
    )
    answers_waiting: int = Field(
        64, ge=0, le=10_000, description="Questions that may wait; more are refused for the moment."
    )
    answers_wait_seconds: float = Field(
        120.0,
        ge=0,
        le=3_600,
        description="A question that would wait longer for its turn, as answers go now, is refused for the moment (seconds); 0: only their number counts.",
    )
    undo_days: float = Field(
        30.0, ge=0, le=3_650, description="Days for which what was deleted can be brought back."
    )
    keep_days: float | None = Field(
        None,
        ge=0,
        le=36_500,
        description="Days for which questions and their answers are kept: conversations since they were last used, judgements, shadow tests; looked at every hour. Unset: until they are deleted; 0: for an hour at most.",
    )
    max_knowledge_bases: int = Field(
        100, ge=1, le=10_000, description="Knowledge bases there may be."
    )
    language: str = Field(
        "auto",
        description="Language of messages where the asker's is not known: auto, or one that has a catalogue, such as zh.",
    )
    otlp_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="An OpenTelemetry collector that gets traces (OTLP over HTTP), such as `http://127.0.0.1:4318`; unset: none are made.",
    )
    otlp_texts: bool = Field(False, description="Questions and answers are in the traces, too.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe messages that are logged."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="auto: text on a terminal, else one JSON object a line."
    )

    @model_validator(mode="before")
    @classmethod
    def _split_keys(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in (
            "api_keys",
            "operator_keys",
            "allowed_hosts",
            "trusted_proxies",
            "url_hosts",
            "url_networks",
        ):
            listed = values.get(name)
            if isinstance(listed, str):
                values[name] = tuple(item.strip() for item in listed.split(",") if item.strip())
        return values

    @field_validator("data", "models", "weights_dir", "calibration", mode="before")
    @classmethod
    def _at_home(cls, value: Any, info: ValidationInfo) -> Any:
        """`~` is this user's folder: no shell has seen what stands in a file. Nothing is no folder, least of
        all the one in which groundkb happens to be started."""
        if value == "" and info.field_name in ("data", "models"):
            raise Inconsistent(Phrase("folder_empty", name=str(info.field_name)))
        if value == "" or not isinstance(value, str | Path):
            return value or None
        if str(found := at_home(value)).startswith("~"):
            raise Inconsistent(Phrase("no_such_user", path=str(value)))
        return found

    @field_validator("language")
    @classmethod
    def _with_a_catalogue(cls, value: str) -> str:
        known = ["auto", *sorted(catalogues())]
        if value not in known:
            raise Inconsistent(Phrase("language_unknown", name=value, known=known))
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.chat == "openai" and not (self.openai_url and self.chat_model):
            raise Inconsistent(Phrase("openai_unset"))
        if self.originals_url and not (self.database_url and self.qdrant_url):
            raise Inconsistent(Phrase("originals_shared"))
        for name in ("api_keys", "operator_keys"):
            if any(not key.get_secret_value().strip() for key in getattr(self, name)):
                raise Inconsistent(Phrase("key_empty", name=name))
        if self.oidc_issuer and not (self.accounts and self.oidc_client_id):
            raise Inconsistent(Phrase("oidc_incomplete"))
        if self.proxy_user_header and not (self.accounts and self.trusted_proxies):
            raise Inconsistent(Phrase("proxy_incomplete"))
        if self.proxy_groups_header and not self.proxy_user_header:
            raise Inconsistent(Phrase("proxy_incomplete"))
        if self.admin_group and not (self.oidc_groups_claim or self.proxy_groups_header):
            raise Inconsistent(Phrase("admin_group_unknown"))
        if self.chat_max_tokens >= self.chat_num_ctx // 2:
            raise Inconsistent(Phrase("answer_too_long"))
        return self

    @property
    def asks_who(self) -> bool:
        """Nobody may call without saying who he is, or with which key."""
        return self.accounts or bool(self.api_keys)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            TomlConfigSettingsSource(settings_cls),
        )


def at_home(path: str | Path) -> Path:
    """The path with `~` as this user's folder, `~name` as that user's; of a name that nobody has, as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


# Read by the tests, not by the settings.
_FOREIGN = frozenset({"GROUNDKB_TEST_MODELS"})


def known_variables() -> frozenset[str]:
    """The environment variables that mean something to groundkb."""
    return frozenset(PREFIX + name.upper() for name in Settings.model_fields)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win over every other source.

    Raises SettingsInvalid when a key is unknown, a value is out of bounds, or a file cannot be
    read; the message names the key and, for a typo, the nearest known one.
    """
    try:
        given = {*os.environ, *dotenv_values(".env")}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(detail=Phrase("file_said", path=".env", error=error)) from None
    known = known_variables() | _FOREIGN
    unknown = sorted(key for key in given if key.startswith(PREFIX) and key not in known)
    if unknown:
        raise SettingsInvalid(
            detail=Phrase("settings_unknown", names=[_with_nearest(key, known) for key in unknown])
        )
    try:
        return Settings(**overrides)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsInvalid(
            detail=Phrase("file_said", path="groundkb.toml", error=error)
        ) from None
    except ValidationError as error:
        items = [_complaint(item) for item in error.errors()]
        raise SettingsInvalid(detail=together(items)) from None


def _complaint(item: ErrorDetails) -> Phrase:
    """As any, and for a typo the nearest setting that there is."""
    if item["type"] == "extra_forbidden":
        name = ".".join(str(part) for part in item["loc"])
        return Phrase("settings_unknown", names=[_with_nearest(name, Settings.model_fields)])
    return complaint(item)


def _with_nearest(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name, list(known), n=1)
    return f"{name} ({nearest[0]}?)" if nearest else name
