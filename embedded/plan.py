"""What runs when everything is embedded: the programs, their ports, and the surroundings they are given."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.child import Program
from embedded.company import read_company
from embedded.constants import COMPANY_ADDRESS, COMPANY_NAME, HOST

_BIN = Path(sys.executable).parent
_KEPT = "90d"
"""How long closed tickets stay visible in the Temporal UI; the server's own default is a day."""


@dataclass(frozen=True)
class Plan:
    """The choices of one `up`."""

    var: Path
    web_port: int
    temporal_port: int
    ui_port: int
    smtp_port: int
    mail_port: int
    demo: bool

    @property
    def ports(self) -> dict[str, int]:
        """The ports by the option that sets them."""
        return {
            "--web-port": self.web_port,
            "--temporal-port": self.temporal_port,
            "--ui-port": self.ui_port,
            "--smtp-port": self.smtp_port,
            "--mail-port": self.mail_port,
        }

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was ever recorded here."""
        return not (self.var / "ledger.db").exists()

    @property
    def web_url(self) -> str:
        """Where staff work."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def ui_url(self) -> str:
        """Where operators watch."""
        return f"http://{HOST}:{self.ui_port}"

    @property
    def mail_url(self) -> str:
        """Where caught mails are read."""
        return f"http://{HOST}:{self.mail_port}"

    @property
    def inbox(self) -> Path:
        """Where mails to the company are delivered."""
        return self.var / "inbox"

    def environment(self) -> dict[str, str]:
        """Return the surroundings of our programs: ours, with everything that decides where they connect replaced."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
        return own | {
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": f"sqlite:///{self.var / 'ledger.db'}",
            "TEMPORAL_ADDRESS": f"{HOST}:{self.temporal_port}",
            "TEMPORAL_NAMESPACE": "default",
            "TEMPORAL_CONFIG_FILE": os.devnull,
            "STATUSKETTE_VAR": str(self.var),
            "STATUSKETTE_BASE_URL": self.web_url,
            "STATUSKETTE_WEB_HOST": HOST,
            "STATUSKETTE_WEB_PORT": str(self.web_port),
            "STATUSKETTE_SMTP_HOST": HOST,
            "STATUSKETTE_SMTP_PORT": str(self.smtp_port),
            "STATUSKETTE_SMTP_USER": "",
            "STATUSKETTE_SMTP_TLS": "none",
            "STATUSKETTE_MAIL_FROM": f"{COMPANY_NAME} <{COMPANY_ADDRESS}>",
            "STATUSKETTE_IMAP_HOST": "",
            "STATUSKETTE_INBOX_MAILDIR": str(self.inbox),
            "STATUSKETTE_INBOX_SITE": read_company().site if self.demo else "",
            "STATUSKETTE_INBOX_ADDRESS": COMPANY_ADDRESS,
            "STATUSKETTE_INBOX_SECONDS": "1",
            "STATUSKETTE_GATHER_SECONDS": "2",
        }

    def temporal(self) -> Program:
        """The real Temporal server with its UI; what it accepted is on the disk, as with the ledger."""
        return self._program(
            "temporal",
            *(str(_BIN / "temporal"), "server", "start-dev", "--ip", HOST, "--log-level", "warn"),
            *("--port", str(self.temporal_port), "--ui-port", str(self.ui_port)),
            *("--db-filename", str(self.var / "temporal.db")),
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"),
        )

    def mail(self) -> Program:
        """The mail server that keeps what it is given, and the page that shows it."""
        ports = ("--smtp-port", str(self.smtp_port), "--page-port", str(self.mail_port))
        module = (sys.executable, "-m", "embedded.mail_catcher")
        kept = ("--directory", str(self.var / "mails"))
        inbox = ("--inbox", str(self.inbox), "--address", COMPANY_ADDRESS) if self.demo else ()
        return self._program("mail", *module, *kept, *inbox, *ports, grace=5.0)

    def prepare(self) -> Program:
        """Bring database and Temporal to what this build expects, then seed the demo unless it is there."""
        demo = ("--demo",) if self.demo else ()
        return self._program("prepare", sys.executable, "-m", "embedded.preparing", *demo, speaks=True)

    def worker(self) -> Program:
        """Tickets, mailboxes, ledger and post; it finishes what is under way."""
        return self._program("worker", sys.executable, "worker.py", grace=35.0)

    def web(self) -> Program:
        """The pages of the staff."""
        return self._program("web", sys.executable, "-m", "web.serve")

    def health(self) -> list[str]:
        """Return the command that succeeds when Temporal answers."""
        return self._ask("operator", "cluster", "health")

    def retention(self) -> list[str]:
        """Return the command that keeps closed tickets visible."""
        return self._ask("operator", "namespace", "update", "--namespace", "default", "--retention", _KEPT)

    def pollers(self) -> list[str]:
        """Return the command that lists who works on tickets, as JSON."""
        return self._ask("task-queue", "describe", "--task-queue", "tickets", "--output", "json")

    def _ask(self, *words: str) -> list[str]:
        return [str(_BIN / "temporal"), *words, "--address", f"{HOST}:{self.temporal_port}"]

    def _program(self, name: str, *command: str, grace: float = 10.0, speaks: bool = False) -> Program:
        environment: Mapping[str, str] = self.environment()
        return Program(name, command, environment, self.var / "log" / f"{name}.log", grace, speaks)
