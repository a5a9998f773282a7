"""Two hundred mails, and a worker that is killed while it takes them: none is lost, none is taken twice."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, func, select
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from activities.incoming.classify import Fate
from activities.incoming.watch_log import WatchLog
from models.database import Database
from models.tables import EventRow, InboxRow, IncomingRow, TicketRow
from tests.dovecot import PASSWORD, USER, Dovecot
from tests.incoming.mails import OFFICE, PDF, mail
from tests.incoming.office import KIM, SITE, IncomingOffice
from tests.incoming.sack import SIZE, Case, sack
from tests.maildrop import Maildrop
from tests.workflows.test_killed_worker import until, worker_process
from workflows import names
from workflows.gateway import Gateway


def surroundings(server: WorkflowEnvironment, database: Database, maildrop: Maildrop, **more: str) -> dict[str, str]:
    """Return what a worker needs to know."""
    return os.environ | {
        "DATABASE_URL": database.url.render_as_string(),
        "TEMPORAL_ADDRESS": str(server.client.service_client.config.target_host),
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "STATUSKETTE_SMTP_PORT": str(maildrop.port),
        "STATUSKETTE_GATHER_SECONDS": "0.2",
        "STATUSKETTE_MAIL_FROM": f"Autohaus Musterstadt <{OFFICE}>",
        "STATUSKETTE_INBOX_SITE": SITE,
        "STATUSKETTE_INBOX_SECONDS": "0.2",
        **{f"STATUSKETTE_{name}": value for name, value in more.items()},
    }


def imap(dovecot: Dovecot) -> dict[str, str]:
    """Return the settings of a mailbox."""
    return {
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(dovecot.imap),
        "IMAP_USER": USER,
        "IMAP_PASSWORD": PASSWORD,
        "IMAP_TLS": "none",
    }


def taken(database: Database) -> int:
    """Return how many messages are in the database."""
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(IncomingRow)).one()


def problem(database: Database) -> str:
    """Return what is wrong with the mailbox, as people see it."""
    with database.reading() as session:
        row = session.get(InboxRow, SITE)
        return row.problem if row else ""


def has_taken(database: Database, messages: int) -> bool:
    """Whether so many messages are in the database."""
    return taken(database) >= messages


def undone(database: Database) -> int:
    """Return how many messages and tickets no workflow has heard of."""
    with database.reading() as session:
        rows = session.exec(select(func.count()).select_from(IncomingRow).where(~col(IncomingRow.done))).one()
        unheard = select(func.count()).select_from(TicketRow).where(~col(TicketRow.started), ~col(TicketRow.closed))
        return rows + session.exec(unheard).one()


async def test_killed_worker_loses_no_mail_and_takes_none_twice(
    own_server: WorkflowEnvironment, sqlite_database: Database, dovecot: Dovecot, maildrop: Maildrop
) -> None:
    """Killed twice, in the middle of the sack; each time another worker goes on where the mailbox and ledger stand."""
    office = IncomingOffice(sqlite_database, datetime.now(UTC) - timedelta(minutes=10))
    cases = sack(office)
    dovecot.appends([case.content for case in cases])
    environment = surroundings(own_server, sqlite_database, maildrop, INBOX_PER_HOUR="8", **imap(dovecot))
    gateway = Gateway(own_server.client, 0.2)
    for number in (office.kim, office.fritz):
        await gateway.start(office.start_of(number))
    await gateway.open_inbox(SITE)
    async with AsyncExitStack() as stack:
        for deadly in (SIZE // 3, 2 * SIZE // 3):
            worker = await stack.enter_async_context(worker_process(environment))
            await until(partial(has_taken, sqlite_database, deadly))
            os.kill(worker.pid, signal.SIGKILL)
            assert await worker.wait() == -signal.SIGKILL
            assert taken(sqlite_database) < SIZE
        await stack.enter_async_context(worker_process(environment))
        await until(
            lambda: taken(sqlite_database) == SIZE and not undone(sqlite_database) and not dovecot.count("INBOX")
        )
        # The answer Kim waits for was written before there were workers: nobody was woken for it.
        await own_server.client.execute_workflow("Sweep", id="sweep", task_queue=names.TICKETS)
        mails = ("undeliverable", "answer")
        await until(lambda: not {"waiting", "claimed"} & {one.status for kind in mails for one in office.notices(kind)})
        await expects_every_workflow(own_server.client, office)
    assert dovecot.count("Taken") >= SIZE
    expects_every_fate(office, cases)
    expects_every_word_once(office, cases)
    # A worker killed between sending and marking sends again, under the same id: recipients see it once.
    assert sorted({mail["Message-ID"]: mail["Subject"] for mail in maildrop.mails}.values()) == [
        f"Nicht zugestellt: #{office.kim} Kombi",
        f"Re: Kombi [#{office.kim}]",  # the answer Kim waited for
    ]
    assert {mail["To"] for mail in maildrop.mails} == {"Carl <carl@musterstadt.example>", f"Kim Kunde <{KIM.upper()}>"}


def expects_every_fate(office: IncomingOffice, cases: list[Case]) -> None:
    """Every mail has one row, with the fate it must have."""
    found = {uid(row): row for row in office.incoming()}
    assert sorted(found) == list(range(1, SIZE + 1))
    assert len(office.incoming()) == SIZE
    told = {case.name: (case.fate, found[n].fate, found[n].why) for n, case in enumerate(cases, 1)}
    assert {name: each for name, each in told.items() if each[0] != each[1]} == {}
    expected = {case.name: case.ticket for case in cases if case.ticket}
    assert {case.name: found[n].ticket for n, case in enumerate(cases, 1) if case.ticket} == expected


def uid(row: IncomingRow) -> int:
    """Return which message of the mailbox a row is about."""
    return int(row.place.partition("/")[0].partition(".")[2])


def expects_every_word_once(office: IncomingOffice, cases: list[Case]) -> None:
    """Every question is one ticket; every answer and every note stands once in the history of its own."""
    opened = [case for case in cases if case.fate in (Fate.NEW, Fate.UNREADABLE)]
    assert len(office.tickets()) == 3 + len(opened)
    assert len({row.ticket for row in office.incoming() if row.fate in (Fate.NEW, Fate.UNREADABLE)}) == len(opened)
    replies = [case for case in cases if case.fate is Fate.REPLY]
    notes = [case for case in cases if case.fate in (Fate.NOTE, Fate.AUTO_REPLY, Fate.BOUNCE) and case.ticket]
    codes = Counter(office.codes(office.kim))
    assert {case.ticket for case in (*replies, *notes)} == {office.kim}
    assert codes["customer_wrote"] == len(replies)
    assert codes["noted"] == len(notes) - 1  # the mail that bounced has failed instead
    assert Counter(office.codes(office.fritz)) == {"received": 1}
    assert [text.body for text in office.texts(office.kim)].count("Antwort 1") == 1
    large = next(row for row, case in zip(office.incoming(), cases, strict=True) if case.name == "thirty megabytes")
    assert large.remarks == [
        {"code": "file_left_out", "file": "zu-gross.pdf", "size": str(len(PDF) + 30_000_000), "why": "file_too_large"}
    ]
    assert len(office.notices("undeliverable")) == 1
    assert {row.name for row in office.files(office.kim)} == {"a.pdf"}


async def expects_every_workflow(client: Client, office: IncomingOffice) -> None:
    """Every open ticket has its workflow running, recorded to its last entry; the mailbox is still watched."""
    for row in office.tickets():
        if not row.closed:
            described = await client.get_workflow_handle(names.ticket_id(row.number)).describe()
            assert described.status is WorkflowExecutionStatus.RUNNING
            assert row.recorded >= 1
    described = await client.get_workflow_handle(names.inbox_id(SITE)).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING


async def test_reply_opens_the_ticket_again_and_its_clock_starts_anew(
    own_server: WorkflowEnvironment, sqlite_database: Database, dovecot: Dovecot, maildrop: Maildrop
) -> None:
    """Reading 8; delivered by LMTP as a mail server does, while the server was away for a moment."""
    office = IncomingOffice(sqlite_database, datetime.now(UTC) - timedelta(hours=3))
    assert office.row(office.kim).status == "in_progress"
    gateway = Gateway(own_server.client, 0.2)
    for number in (office.kim, office.fritz):
        await gateway.start(office.start_of(number))
    await gateway.open_inbox(SITE)
    async with worker_process(surroundings(own_server, sqlite_database, maildrop, **imap(dovecot))):
        dovecot.delivers(mail(b"eins", "Neu <neu@kunde.example>"), "neu@kunde.example")
        await until(lambda: taken(sqlite_database) == 1 and not dovecot.count("INBOX"))
        dovecot.close()
        await until(lambda: problem(sqlite_database) != "")
        assert "does not answer as a mailbox should" in problem(sqlite_database)
        dovecot.open()
        before = datetime.now(UTC)
        dovecot.delivers(
            mail(b"zwei", "kim@kunde.example"), "kim@kunde.example", f"anfragen+{office.kim}@musterstadt.example"
        )
        await until(lambda: office.row(office.kim).status == "open" and not undone(sqlite_database))
        await until(lambda: problem(sqlite_database) == "")
    row = office.row(office.kim)
    assert row.due_at is not None
    assert timedelta(0) <= row.due_at - before - timedelta(hours=2) < timedelta(minutes=1)
    with sqlite_database.reading() as session:
        (event,) = session.exec(select(EventRow).where(EventRow.code == "customer_wrote"))
    assert (event.by, event.command, event.text) == (
        "mail",
        f"mail-{office.incoming()[1].id}",
        office.texts(row.number)[-1].id,
    )


async def test_worker_that_is_asked_to_stop_ends_its_watch_at_once(
    own_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path, maildrop: Maildrop
) -> None:
    """Not after the thirty seconds that work under way is given. A folder of files is watched here."""
    IncomingOffice(sqlite_database, datetime.now(UTC))
    folder = tmp_path / "inbox"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "1").write_bytes(mail())
    await Gateway(own_server.client, 0.2).open_inbox(SITE)
    async with worker_process(surroundings(own_server, sqlite_database, maildrop, INBOX_MAILDIR=str(folder))) as worker:
        await until((folder / "cur" / "1:2,S").exists)
        worker.terminate()
        async with asyncio.timeout(10):
            assert await worker.wait() == 0
    assert taken(sqlite_database) == 1


async def test_mailbox_that_is_not_configured_any_more_is_not_watched(
    own_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop
) -> None:
    IncomingOffice(sqlite_database, datetime.now(UTC))
    WatchLog(sqlite_database, SITE).out_of_reach(datetime.now(UTC), "was watched before")
    await Gateway(own_server.client, 0.2).open_inbox(SITE)
    async with worker_process(surroundings(own_server, sqlite_database, maildrop)):
        handle = own_server.client.get_workflow_handle(names.inbox_id(SITE), result_type=int)
        assert await asyncio.wait_for(handle.result(), 60) == 0
    assert problem(sqlite_database) == ""


@pytest.mark.parametrize("site", [SITE, "elsewhere"])
async def test_sweep_begins_the_watch_of_a_site_that_is_there(
    own_server: WorkflowEnvironment, sqlite_database: Database, maildrop: Maildrop, tmp_path: Path, site: str
) -> None:
    IncomingOffice(sqlite_database, datetime.now(UTC))
    more = {"INBOX_MAILDIR": str(tmp_path), "INBOX_SITE": site}
    async with worker_process(surroundings(own_server, sqlite_database, maildrop, **more)):
        await own_server.client.execute_workflow("Sweep", id="sweep", task_queue=names.TICKETS)
        found = [each.id async for each in own_server.client.list_workflows("WorkflowType = 'Inbox'")]
        for _ in range(50 if site == SITE else 0):
            if found:
                break
            await asyncio.sleep(0.1)
            found = [each.id async for each in own_server.client.list_workflows("WorkflowType = 'Inbox'")]
    assert found == ([names.inbox_id(SITE)] if site == SITE else [])
