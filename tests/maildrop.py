"""A real SMTP server for the tests. It keeps what it accepts, and can be closed, or told to refuse."""

from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import free_port


@dataclass
class Maildrop:
    """Listens on a port of its own from `open` to `close`; `refusal` is answered to every message while it is set."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)
    refusal: str = ""
    _controller: Controller | None = None

    def open(self) -> None:
        """Begin to listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        """Stop listening: connections are refused from now on."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Keep a message, or refuse it."""
        if self.refusal:
            return self.refusal
        content: Any = envelope.content
        self.mails.append(BytesParser(EmailMessage, policy=policy.default).parsebytes(content))
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to an address, in the order they came."""
        return [mail for mail in self.mails if address in mail["To"]]
