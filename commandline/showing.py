"""What a ticket looks like at the command line, as tables and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer
from sqlmodel import col, select

from activities.ledger.context import Unknown, calendar_of, rule_context_of, ticket_of
from commandline.tables import Column, print_table
from domain.ticket.agenda import agenda
from domain.words.wording import fact_words, instant, why_sentence
from models.database import Database
from models.tables import CustomerRow, EventRow, TextRow, TicketRow

_LANGUAGE = "de"


@dataclass(frozen=True)
class Happened:
    """One line of a ticket's history."""

    at: datetime
    code: str
    by: str | None
    why: str
    text: str


@dataclass(frozen=True)
class Ahead:
    """One line of a ticket's agenda."""

    at: datetime
    moment: str
    does: list[str]
    to: list[str]
    why: str


@dataclass(frozen=True)
class Brief:
    """A ticket in a list."""

    number: int
    light: str
    level: int
    due_at: datetime | None
    owner: str | None
    site: str
    customer: str
    subject: str
    zone: ZoneInfo

    def as_json(self) -> dict[str, Any]:
        """Return it with instants in site time."""
        plain: dict[str, Any] = _plain({**self.__dict__, "zone": str(self.zone)}, self.zone)
        return plain


@dataclass(frozen=True)
class Shown:
    """A ticket with all there is to say about it."""

    brief: Brief
    status: str
    phase: str
    received_at: datetime
    version: int
    history: list[Happened]
    agenda: list[Ahead]


def read_list(database: Database) -> list[Brief]:
    """Return the open tickets, those that are due first at the top, those without a deadline last."""
    with database.reading() as session:
        rows = session.exec(
            select(TicketRow, CustomerRow)
            .where(~col(TicketRow.closed), ~col(TicketRow.life), TicketRow.customer == CustomerRow.id)
            .order_by(col(TicketRow.due_at).is_(None), col(TicketRow.due_at), col(TicketRow.number))
        ).all()
        zones = {site: calendar_of(session, site).zone for site in {row.site for row, _ in rows}}
        return [_brief(row, customer, zones[row.site]) for row, customer in rows]


def read_ticket(database: Database, number: int) -> Shown:
    """Return a ticket; raises Unknown."""
    with database.reading() as session:
        row = session.get(TicketRow, number)
        if row is None:
            raise Unknown(f"there is no ticket {number}")
        rule_context, ticket = rule_context_of(session, row), ticket_of(row)
        events = session.exec(
            select(EventRow, TextRow)
            .join(TextRow, col(EventRow.text) == TextRow.id, isouter=True)
            .where(EventRow.ticket == number)
            .order_by(col(EventRow.id))
        ).all()
        return Shown(
            brief=_brief(row, session.get_one(CustomerRow, row.customer), rule_context.calendar.zone),
            status=row.status,
            phase=row.phase,
            received_at=row.received_at,
            version=row.version,
            history=[_happened(event, text) for event, text in events],
            agenda=[
                Ahead(
                    at=moment.at,
                    moment=moment.code,
                    does=[str(action) for action in moment.rule.does],
                    to=[member.short for member in moment.told(ticket, rule_context.roster)],
                    why=why_sentence(moment.why, _LANGUAGE),
                )
                for moment in agenda(ticket, rule_context)
            ],
        )


def _brief(row: TicketRow, customer: CustomerRow, zone: ZoneInfo) -> Brief:
    return Brief(
        row.number or 0, row.light, row.level, row.due_at, row.owner, row.site, customer.name, row.subject, zone
    )


def _happened(event: EventRow, text: TextRow | None) -> Happened:
    words = text.body if text else ""
    return Happened(event.at, event.code, event.by, event.why.get(_LANGUAGE, ""), words)


def as_json(shown: Shown) -> str:
    """Return a ticket as JSON, its instants in site time."""
    zone = shown.brief.zone
    rest = {key: value for key, value in asdict(shown).items() if key != "brief"}
    return json.dumps(shown.brief.as_json() | _plain(rest, zone), ensure_ascii=False, indent=2)


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """Return what JSON can hold."""
    match value:
        case datetime():
            return value.astimezone(zone).isoformat()
        case dict():
            return {key: _plain(item, zone) for key, item in value.items()}
        case list():
            return [_plain(item, zone) for item in value]
        case _:
            return value


def print_list(listed: Sequence[Brief]) -> None:
    """Print the list."""
    headings = ("Nr", "Ampel", "Fällig", "Zuständig", "Kunde", "Betreff")
    columns = [Column(heading, folds=heading == "Betreff", right=heading == "Nr") for heading in headings]
    print_table(columns, [_line(each) for each in listed])


def _line(each: Brief) -> list[str]:
    due = instant(each.due_at, _LANGUAGE, each.zone) if each.due_at else "–"
    return [str(each.number), each.light, due, each.owner or "–", each.customer, each.subject]


def print_ticket(shown: Shown) -> None:
    """Print how a ticket stands, then its history and its agenda."""
    brief = shown.brief
    received = instant(shown.received_at, _LANGUAGE, brief.zone)
    typer.echo(f"Vorgang {brief.number}: {brief.subject}")
    typer.echo(f"{brief.customer} · {brief.site} · {brief.owner or 'nicht zugewiesen'} · {brief.light} · {received}\n")
    happened = [
        [
            instant(each.at, _LANGUAGE, brief.zone),
            fact_words(each.code, _LANGUAGE),
            each.by or "",
            each.text or each.why,
        ]
        for each in shown.history
    ]
    print_table([Column("Geschehen"), Column("Was"), Column("Wer"), Column("Text, Grund", folds=True)], happened)
    typer.echo()
    ahead = [
        [instant(each.at, _LANGUAGE, brief.zone), each.moment, ", ".join(each.does), ", ".join(each.to), each.why]
        for each in shown.agenda
    ]
    print_table([Column("Bevorstehend"), *map(Column, ("Moment", "Was", "An")), Column("Warum", folds=True)], ahead)
