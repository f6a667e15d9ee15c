"""The program's settings, read from `MERCER_…` environment variables. A wrong one stops the start."""

import base64
import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import pydantic
from pydantic import Field
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class SettingsInvalid(Exception):
    """A setting has a value that Mercer cannot run with."""


class Settings(BaseSettings):
    """Every setting, its default and what it does. `MERCER_PORT=9000` sets `port`."""

    model_config = SettingsConfigDict(env_prefix="MERCER_", extra="ignore", frozen=True)

    environment: Environment = Environment.DEVELOPMENT
    """`production` hides internals from answers and refuses unsafe settings."""

    data_dir: Path = Path(".mercer")
    """Where the embedded servers and media live. As root, the embedded servers' share is under /var/lib/mercer."""

    database_url: str | None = None
    """`postgresql://…` of a server to use instead of the embedded PostgreSQL."""

    valkey_url: str | None = None
    """`redis://…`, `rediss://…` or `unix://…` of a server to use instead of the embedded Valkey."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """API processes."""

    public_url: str | None = None
    """The address that clients see, for links to media. By default the one the API listens on."""

    storage_url: str | None = None
    """Where media are kept: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix` or `file:///folder`.

    By default the folder `media` in the data directory. Credentials come from the store's own variables (`AWS_…`).
    """

    media_url: str | None = None
    """The address under which media are served, if it is not this API's: a content delivery network's."""

    upload_bytes: Annotated[int, Field(ge=1_000, le=1_000_000_000)] = 20_000_000
    """How large an uploaded picture may be."""

    upload_pixels: Annotated[int, Field(ge=1_000, le=200_000_000)] = 50_000_000
    """How many pixels an uploaded picture may have: each takes up to 8 bytes of memory while it is read."""

    proxies: Annotated[int, Field(ge=0, le=10)] = 0
    """How many proxies of yours stand before the API: so many last entries of `X-Forwarded-For` are believed."""

    shop_name: Annotated[str, Field(pattern=r"^[^\s\x00-\x1f][^\x00-\x1f]{0,79}$")] = "Mercer"
    """What mails call the shop."""

    shop_color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#20545c"
    """The colour of buttons in mails."""

    storefront_url: str | None = None
    """Where shoppers find the shop. Mails lead to `account/verify#token=…` and `account/password#token=…` below it."""

    dashboard_url: str | None = None
    """Where staff sign in, for the mails to them."""

    smtp_url: str | None = None
    """`smtp://user:password@host:587` or `smtps://…`. Without it, mails are written to `mails` in the data directory.

    With a password the connection is always encrypted. In production nothing is sent without this setting.
    """

    mail_sender: str = "shop@localhost"
    """Whom mails are from: `shop@example.com`. The shop's name is put before it."""

    read_connections: Annotated[int, Field(ge=1, le=100)] = 8
    """Connections for reads, per API process."""

    write_connections: Annotated[int, Field(ge=1, le=100)] = 8
    """Connections for transactions, per API process."""

    jobs_at_once: Annotated[int, Field(ge=1, le=40)] = 8
    """How many jobs one worker runs at the same time. Each may take two connections."""

    drain_seconds: Annotated[float, Field(ge=0, le=3600)] = 25
    """How long a stopping worker lets its jobs run on. Those that take longer are given back."""

    prepared_statements: bool = True
    """Turn off behind PgBouncer in transaction mode."""

    statement_timeout_ms: Annotated[int, Field(ge=100, le=600_000)] = 10_000
    """How long one SQL statement of a request may take, in milliseconds."""

    query_depth: Annotated[int, Field(ge=1, le=100)] = 15
    query_cost: Annotated[int, Field(ge=1)] = 20_000
    """How many values one operation may ask for, lists counted by their size."""
    query_aliases: Annotated[int, Field(ge=0)] = 50
    query_tokens: Annotated[int, Field(ge=1)] = 5_000
    query_batch: Annotated[int, Field(ge=1)] = 10
    """How many operations one HTTP request may carry."""
    request_bytes: Annotated[int, Field(ge=1_000)] = 512_000
    """How large the body of one GraphQL request may be."""

    mutations_per_minute: Annotated[int, Field(ge=1)] = 600
    """How many mutations somebody may send in a minute."""
    carts_per_minute: Annotated[int, Field(ge=1)] = 60
    """How many carts somebody may begin in a minute."""

    secret_keys: Annotated[tuple[str, ...], NoDecode, Field(repr=False, validate_default=True)] = ()
    """Encrypt what must be read again, such as the secrets of authenticator apps: 32 random bytes each, in base64.

    The first one encrypts, all of them decrypt, separated by commas. So a new key is put before the old one, which can
    go once a night has passed. Production does not start without one. Otherwise one is made in the data directory.
    """

    password_time_cost: Annotated[int, Field(ge=1, le=50)] = 3
    """Argon2id's passes over the memory. The three defaults are RFC 9106's second choice: 0.2 s on a usual machine."""
    password_memory_kib: Annotated[int, Field(ge=8, le=4_194_304)] = 65_536
    """Argon2id's memory for each password, in KiB."""
    password_lanes: Annotated[int, Field(ge=1, le=64)] = 4
    """Argon2id's degree of parallelism."""
    password_threads: Annotated[int, Field(ge=1, le=64)] = 2
    """How many passwords one API process hashes at once. Each takes the memory above."""

    breached_passwords: Path | None = None
    """A file of SHA-1 hashes of stolen passwords, sorted, one a line: those of Have I Been Pwned. Nobody may use them.

    Without it, those millions are refused that come with the program.
    """

    shop_session_hours: Annotated[int, Field(ge=1, le=8_760)] = 30 * 24
    """How long a customer stays signed in at the longest."""
    shop_session_idle_hours: Annotated[int, Field(ge=1, le=8_760)] = 14 * 24
    """How long a customer stays signed in without coming back."""
    admin_session_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long staff stay signed in at the longest."""
    admin_session_idle_hours: Annotated[int, Field(ge=1, le=720)] = 8
    """How long staff stay signed in without doing anything."""

    introspection: bool | None = None
    """Whether clients may read the schema and get suggestions. By default: not in production."""

    answer_cache_bytes: Annotated[int, Field(ge=0)] = 64_000_000
    """Memory for cached answers of the shop, per API process. 0 turns the cache off."""

    verify_reads: bool = False
    """Check every compiled read against the schema and a slow interpreter. For tests: many times slower."""

    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def allows_introspection(self) -> bool:
        return not self.is_production if self.introspection is None else self.introspection

    @cached_property
    def address(self) -> str:
        """Where clients reach the API, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @pydantic.field_validator("secret_keys", mode="before")
    @classmethod
    def _one_by_one(cls, keys: object) -> object:
        return tuple(each.strip() for each in keys.split(",") if each.strip()) if isinstance(keys, str) else keys

    @pydantic.field_validator("secret_keys")
    @classmethod
    def _are_long_enough(cls, keys: tuple[str, ...], info: pydantic.ValidationInfo) -> tuple[str, ...]:
        if not keys and info.data.get("environment") is Environment.PRODUCTION:
            raise ValueError("production needs a key: `openssl rand -base64 32` makes one")
        if any(_random_bytes(each) != _KEY_BYTES for each in keys):
            raise ValueError(
                "must be keys of 32 random bytes in base64, separated by commas: `openssl rand -base64 32`"
            )
        return keys

    @pydantic.field_validator("breached_passwords")
    @classmethod
    def _holds_hashes(cls, file: Path | None) -> Path | None:
        if file is None:
            return None
        try:
            with file.open("rb") as opened:
                first = opened.read(41)
        except OSError as error:
            raise ValueError("must be a file that can be read") from error
        if not re.fullmatch(rb"[0-9A-F]{40}[:\r\n]?", first):
            raise ValueError("must have SHA-1 hashes in capitals, sorted, one a line")
        return file

    @pydantic.field_validator("database_url")
    @classmethod
    def _speaks_postgresql(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return url

    @pydantic.field_validator("storage_url")
    @classmethod
    def _names_a_store(cls, url: str | None, info: pydantic.ValidationInfo) -> str | None:
        is_test = info.data.get("environment") is Environment.TEST
        if url is None or re.fullmatch(r"(s3|gs|az)://[^/?#@:\s]+(/[^?#\s]*)?|file:///[^?#]+", url):
            return url
        if not (is_test and url.startswith("memory:///")):
            raise ValueError("must be s3://bucket/prefix, gs://…, az://… or file:///folder, without credentials")
        return url

    @pydantic.field_validator("smtp_url")
    @classmethod
    def _speaks_smtp(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"smtps?://([^\s/@:]+:[^\s/@:]*@)?[^\s/@:]+(:[0-9]{1,5})?/?", url):
            raise ValueError("must be smtp://user:password@host:port or smtps://…, signs in the password as %XX")
        return url

    @pydantic.field_validator("mail_sender")
    @classmethod
    def _is_mail_address(cls, address: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", address):
            raise ValueError("must be an address such as shop@example.com")
        return address

    @pydantic.field_validator("media_url", "storefront_url", "dashboard_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[^\s?#@]+", url):
            raise ValueError("must start with https:// or http://")
        return url

    @pydantic.field_validator("valkey_url")
    @classmethod
    def _speaks_valkey(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("redis://", "rediss://", "valkey://", "valkeys://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return url


_SECRET = {"database_url", "valkey_url", "storage_url", "smtp_url", "secret_keys"}
_KEY_BYTES = 32


def _random_bytes(key: str) -> int:
    """How many bytes a key has: 0, if it is not in base64, or says the same byte over and over."""
    try:
        read = base64.b64decode(key.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return 0
    return len(read) if len(set(read)) > 1 else 0


def _shown(problem: ErrorDetails) -> str:
    """A setting's value, unless it may hold a password."""
    return "its value is not shown" if _SECRET.intersection(problem["loc"]) else f"it is {problem['input']!r}"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; `overrides` win. Raises `SettingsInvalid`."""
    try:
        return Settings(**overrides)
    except pydantic.ValidationError as error:
        lines = [
            f"MERCER_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg'].removeprefix('Value error, ')}"
            f" ({_shown(problem)})"
            for problem in error.errors()
        ]
        raise SettingsInvalid("Mercer cannot start with these settings:\n  " + "\n  ".join(lines)) from None
