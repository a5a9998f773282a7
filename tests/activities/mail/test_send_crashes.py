"""A worker that is killed loses nothing, whatever it was doing; a repeat is recognisable as one."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.activities.incoming.mailroom import ROOT, Mailroom


class Killer:
    """Ends the worker's process as an operating system does, once."""

    process: asyncio.subprocess.Process | None = None

    def strike(self) -> None:
        """Kill the process, if it still lives."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            self.process = None


@pytest.mark.parametrize(
    ("step", "copies"),
    [("mail from", 1), ("data", 2)],
    ids=["between claim and send", "between send and mark"],
)
async def test_killed_worker_loses_nothing_and_repeats_the_same_bytes(
    mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch, step: str, copies: int
) -> None:
    keys = [mailroom.notice("R1"), mailroom.notice("DM1", ticket=2)]
    killer = Killer()
    plain_rcpt, plain_data = mailroom.server.handle_RCPT, mailroom.server.handle_DATA

    async def rcpt(server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]) -> str:
        if step == "mail from":
            killer.strike()
        return await plain_rcpt(server, session, envelope, address, options)

    async def data(server: SMTP, session: Session, envelope: Envelope) -> str:
        taken = await plain_data(server, session, envelope)
        if step == "data":
            killer.strike()
        return taken

    monkeypatch.setattr(mailroom.server, "handle_RCPT", rcpt)
    monkeypatch.setattr(mailroom.server, "handle_DATA", data)
    killer.process = process = await _start(mailroom)
    assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL
    (claimed,) = mailroom.mails()
    assert {mailroom.status(key) for key in keys} == {"claimed"}

    emptied = await mailroom.empty()

    assert emptied.sent == 2
    assert {mailroom.status(key) for key in keys} == {"sent"}
    contents = [envelope.content for envelope in mailroom.server.mails]
    assert len(contents) == copies
    assert len(set(contents)) == 1
    assert {mail["Message-ID"] for mail in mailroom.inbox("anna")} == {claimed.message_id}


async def _start(mailroom: Mailroom) -> asyncio.subprocess.Process:
    url = mailroom.database.url.render_as_string(hide_password=False)
    arguments = ("-m", "tests.activities.mail.dying_post", url, str(mailroom.account.port))
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT)
