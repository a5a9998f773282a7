"""`ticket new`, `act`, `fill`, `show`, `list`: the office's tickets at the command line."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer

from activities.intake.attachments import inspected
from activities.intake.tickets import NewTicket, TicketService
from activities.ledger.context import Unknown, calendar_of
from commandline.events import NAMES, read_fact
from commandline.instants import read_instant
from commandline.showing import as_json, print_list, print_ticket, read_list, read_ticket
from domain.process.gates import Answer
from installation.errors import Failure
from installation.wiring import gateway, ledger
from models.database import Database
from models.messages import Command, Standing, TicketStart
from models.tables import PersonRow, TicketRow
from settings import Settings

_BY = "starter.py"
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Open tickets, act on them, show and list them.", rich_markup_mode=None)
    group.command()(new)
    group.command()(act)
    group.command()(fill)
    group.command()(show)
    group.command(name="list")(list_)
    app.add_typer(group, name="ticket")


def new(
    process: Annotated[str, typer.Option(help="Key of the process, like anfrage.")],
    site: Annotated[str, typer.Option(help="Key of the site.")],
    subject: Annotated[str, typer.Option(help="What it is about.")],
    customer: Annotated[str, typer.Option(help="The customer's name.")],
    email: Annotated[str, typer.Option(help="The customer's e-mail address.")] = "",
    text: Annotated[str, typer.Option(help="What the customer said.")] = "",
    owner: Annotated[str | None, typer.Option(help="Short name of who is responsible; nobody: the pool.")] = None,
    received: Annotated[str | None, typer.Option(metavar="INSTANT", help="When it arrived; now by default.")] = None,
) -> None:
    """Open a ticket and start its clock."""
    typed = NewTicket(process, site, subject, text, _BY, None, customer, email, "", owner)
    settings = Settings()
    with ledger(settings) as database:
        at = _received_at(database, site, received)
        _check_owner(database, owner)
        number = asyncio.run(_open(settings, database, typed, at))
    typer.echo(f"ticket {number}")


async def _open(settings: Settings, database: Database, typed: NewTicket, at: datetime) -> int:
    """Reach Temporal first: a ticket that nobody can start should not be left to the sweep while somebody watches."""
    async with gateway(settings) as way:
        start: TicketStart = TicketService(database).open_ticket(typed, at)
        await way.start(start)
    return start.number


By = Annotated[str, typer.Option(help="Short name of who does it.")]
Number = Annotated[int, typer.Argument(help="The ticket's number.")]


def act(
    number: Number,
    fact: Annotated[str, typer.Argument(metavar="'NAME [ARG]'", help=f"What happens: {', '.join(NAMES)}.")],
    by: By,
    text: Annotated[str, typer.Option(help="The words that go with it: an answer, a reason, a remark.")] = "",
    signal: Annotated[bool, typer.Option("--signal", help="Send a signal, and do not wait for the answer.")] = False,
) -> None:
    """Do something to a ticket. The same rules hold as on its page; what they refuse is said here."""
    settings = Settings()
    with ledger(settings) as database:
        ticket_service, now = TicketService(database), datetime.now(UTC)
        start = ticket_service.ticket_start(number)
        asked = read_fact(fact, _zone_of(database, number), repr(fact))
        _check_owner(database, by)
        kept = ticket_service.keep_text(number, by, text, now) if text else None
        command = Command(asked, by, str(uuid4()), text=kept)
        standing = asyncio.run(_ask(settings, start, command, told=signal))
    if standing is None:
        typer.echo(f"ticket {number}: the signal is on its way; 'ticket show {number}' tells what became of it")
    else:
        typer.echo(f"ticket {number}: {standing.phase}, {standing.light}, {standing.owner}")


async def _ask(settings: Settings, start: TicketStart, command: Command, *, told: bool) -> Standing | None:
    async with gateway(settings) as way:
        if not told:
            return await way.act(start, command)
        await way.tell(start, command)
        return None


def fill(
    number: Number,
    gate: Annotated[str, typer.Argument(help="Key of the gate, like sales_to_project.")],
    answers: Annotated[
        list[str], typer.Argument(metavar="ITEM=VALUE …", help="Lines of its checklist; ITEM=@PATH for a file.")
    ],
    by: By,
    reason: Annotated[
        list[str] | None, typer.Option(metavar="ITEM=WHY", help="Why a line has no answer; repeat at will.")
    ] = None,
) -> None:
    """Fill in lines of a checklist; they count when the handover is submitted."""
    values, reasons = _pairs(answers), _pairs(reason or [])
    with ledger(Settings()) as database:
        _check_owner(database, by)
        ticket_service, now = TicketService(database), datetime.now(UTC)
        filled = {
            item: Answer(_kept(ticket_service, number, values.get(item, ""), by, now), reasons.get(item, ""))
            for item in values | reasons
        }
        ticket_service.save_answers(number, gate, filled, by, now)
    typer.echo(f"ticket {number}: {gate}: {len(filled)} filled in")


def _pairs(typed: list[str]) -> dict[str, str]:
    pairs = {}
    for text in typed:
        item, equals, value = text.partition("=")
        if not equals:
            raise Failure(f"{text!r}: write ITEM=VALUE")
        pairs[item] = value
    return pairs


def _kept(ticket_service: TicketService, number: int, value: str, by: str, at: datetime) -> str:
    """Return an answer as it is kept: a file's number instead of its path."""
    if not value.startswith("@"):
        return value
    path = Path(value.removeprefix("@"))
    return str(ticket_service.keep_file(number, inspected(path.name, path.read_bytes()), by, at))


def show(number: Number, plain_json: Json = False) -> None:
    """Show how a ticket stands, what happened, what will happen and why."""
    with ledger(Settings()) as database:
        shown = read_ticket(database, number)
    if plain_json:
        typer.echo(as_json(shown))
    else:
        print_ticket(shown)


def list_(plain_json: Json = False) -> None:
    """List the open tickets, those with the least time left first."""
    with ledger(Settings()) as database:
        listed = read_list(database)
    if plain_json:
        typer.echo(json.dumps([each.as_json() for each in listed], ensure_ascii=False, indent=2))
    else:
        print_list(listed)


def _received_at(database: Database, site: str, typed: str | None) -> datetime:
    """Return when the ticket arrived: in the site's zone, and not in the future."""
    now = datetime.now(UTC)
    with database.reading() as session:
        zone: ZoneInfo = calendar_of(session, site).zone
    at = now if typed is None else read_instant(typed, zone, "--received")
    if at > now:
        raise Failure(f"--received: {typed!r} lies in the future")
    return at


def _zone_of(database: Database, number: int) -> ZoneInfo:
    """Return the zone in which times about a ticket are typed: its site's."""
    with database.reading() as session:
        zone: ZoneInfo = calendar_of(session, session.get_one(TicketRow, number).site).zone
    return zone


def _check_owner(database: Database, owner: str | None) -> None:
    if owner is None:
        return
    with database.reading() as session:
        person = session.get(PersonRow, owner)
    if person is None or not person.active:
        raise Unknown(f"there is nobody called {owner!r}")
