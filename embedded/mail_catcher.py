"""The mail catcher: an SMTP server that accepts everything, and its page, in one program. No mail ever leaves it.

Mails to the company's own address are delivered as well, into the mailbox that mail in is taken from.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from embedded.constants import HOST
from embedded.letterbox import Letterbox
from embedded.mail_pages import create_app
from embedded.mailbag import Mailbag

_LARGEST = 64 * 1024 * 1024


class Catcher:
    """What the SMTP server asks."""

    def __init__(self, mailbag: Mailbag, letterbox: Letterbox | None) -> None:
        """Take where mails are kept, and where those to the company are delivered besides."""
        self._mailbag = mailbag
        self._letterbox = letterbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Keep a mail; what cannot be kept is to be sent again later."""
        content = envelope.original_content or b""
        try:
            await asyncio.to_thread(self._keep, envelope.mail_from or "", envelope.rcpt_tos, content)
        except OSError as problem:
            return f"451 cannot keep it now: {problem.strerror}"
        return "250 caught"

    def _keep(self, sender: str, recipients: list[str], content: bytes) -> None:
        self._mailbag.keep(sender, recipients, content)
        if self._letterbox is not None:
            self._letterbox.deliver(sender, recipients, content)


async def run(directory: Path, letterbox: Letterbox | None, smtp_port: int, page_port: int) -> None:
    """Catch mails and show them until SIGTERM or SIGINT."""
    mailbag = Mailbag(directory)
    catcher = Catcher(mailbag, letterbox)

    def protocol() -> SMTP:
        return SMTP(
            catcher,
            hostname="localhost",
            ident="Statuskette catches",
            enable_SMTPUTF8=True,
            data_size_limit=_LARGEST,
        )

    smtp = await asyncio.get_running_loop().create_server(protocol, HOST, smtp_port)
    config = uvicorn.Config(create_app(mailbag), host=HOST, port=page_port, access_log=False, server_header=False)
    async with smtp:
        await uvicorn.Server(config).serve()


def main(
    directory: Annotated[Path, typer.Option()],
    smtp_port: Annotated[int, typer.Option()],
    page_port: Annotated[int, typer.Option()],
    inbox: Annotated[Path | None, typer.Option()] = None,
    address: Annotated[str, typer.Option()] = "",
) -> None:
    """Run the mail catcher; with an address, its mails are delivered into the inbox."""
    letterbox = Letterbox(inbox, address) if inbox and address else None
    asyncio.run(run(directory, letterbox, smtp_port, page_port))


if __name__ == "__main__":
    typer.run(main)
