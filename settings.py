"""The one reader of the environment. Everything else is given what it needs in its constructor."""

from pathlib import Path
from typing import Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, each an environment variable of the same name with the prefix STATUSKETTE_.

    DATABASE_URL and the TEMPORAL_* variables keep the names that their own worlds gave them. Without a
    DATABASE_URL the ledger is a SQLite file under `var`. `webhooks_private` lets webhooks lead to this machine and its
    network, and without TLS there.
    """

    model_config = SettingsConfigDict(env_prefix="STATUSKETTE_", env_file=".env", extra="ignore", populate_by_name=True)

    var: Path = Path("var")
    database_url: str = Field(default="", validation_alias=AliasChoices("DATABASE_URL", "STATUSKETTE_DATABASE_URL"))
    base_url: str = "http://127.0.0.1:8000"
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    build: str = "development"

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: str = "none"
    mail_from: str = "Statuskette <statuskette@example.com>"

    imap_host: str = ""  # without one, and without a Maildir, no mail is taken in
    imap_port: int = 993
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_tls: str = "tls"
    imap_folder: str = "INBOX"
    imap_taken_folder: str = "Taken"  # where taken mail is moved; empty leaves it and sets a keyword
    inbox_maildir: Path | None = None  # a folder instead of a server, as `make up` has it
    inbox_site: str = ""  # whose mail it is
    inbox_address: str = ""  # where customers write to; mail_from's by default
    inbox_seconds: float = 10.0  # between looks
    inbox_per_hour: int = 30  # messages of one writer; more are put aside
    intake_process: str = "anfrage"  # what a contact by mail, web form or API begins

    ledger_threads: int = 8  # tickets recorded at a time by one worker; connections to the database fit
    web_threads: int = 16  # of each of the two kinds that make pages in one web process; the same

    gather_seconds: float = 5.0
    webhooks_private: bool = False

    @model_validator(mode="after")
    def _ledger_under_var(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.var / 'ledger.db'}"
        return self
