"""The mail catcher: an SMTP server that accepts everything, and its page, in one program. No mail ever leaves it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from embedded.agreed import HOST
from embedded.mail_pages import create_app
from embedded.mailbag import Mailbag


class Catcher:
    """What the SMTP server asks."""

    def __init__(self, mailbag: Mailbag) -> None:
        """Take where mails are kept."""
        self._mailbag = mailbag

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Keep a mail; what cannot be kept is to be sent again later."""
        content = envelope.original_content or b""
        try:
            await asyncio.to_thread(self._mailbag.keep, envelope.mail_from or "", envelope.rcpt_tos, content)
        except OSError as problem:
            return f"451 cannot keep it now: {problem.strerror}"
        return "250 caught"


async def run(directory: Path, smtp_port: int, page_port: int) -> None:
    """Catch mails and show them until SIGTERM or SIGINT."""
    mailbag = Mailbag(directory)
    catcher = Catcher(mailbag)

    def protocol() -> SMTP:
        return SMTP(catcher, hostname="localhost", ident="Statuskette catches", enable_SMTPUTF8=True)

    smtp = await asyncio.get_running_loop().create_server(protocol, HOST, smtp_port)
    config = uvicorn.Config(create_app(mailbag), host=HOST, port=page_port, access_log=False, server_header=False)
    async with smtp:
        await uvicorn.Server(config).serve()


def main(
    directory: Annotated[Path, typer.Option()],
    smtp_port: Annotated[int, typer.Option()],
    page_port: Annotated[int, typer.Option()],
) -> None:
    """Run the mail catcher."""
    asyncio.run(run(directory, smtp_port, page_port))


if __name__ == "__main__":
    typer.run(main)
