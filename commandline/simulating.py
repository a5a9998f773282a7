"""`simulate`: prints what would happen to a ticket that does not exist. Needs neither database nor Temporal."""

import json
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from commandline.events import check, read_event
from commandline.instants import read_instant
from commandline.tables import Column, print_table
from domain.ticket.context import RuleContext
from domain.ticket.customer_transitions import registered
from domain.ticket.moments import Moment
from domain.ticket.simulation import CAST, OWNER, play
from domain.ticket.ticket import received
from domain.words.wording import LANGUAGES, instant, why_sentence
from installation.errors import Failure
from processes.loader import find_process, load_calendar

_HEADINGS = {
    "de": ("Zeit", "Moment", "Was", "An", "Warum"),
    "en": ("Time", "Moment", "What", "To", "Why"),
}
_NOTHING = {"de": "Es geschieht nichts.", "en": "Nothing happens."}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    process: Annotated[str, typer.Argument(help="Key of a shipped process, or the path of a TOML file.")],
    calendar: Annotated[Path, typer.Option(help="The site's calendar, a TOML file.")],
    received_at: Annotated[str, typer.Option("--received", metavar="INSTANT", help="When the ticket arrives.")],
    event: Annotated[
        list[str] | None, typer.Option(metavar="'INSTANT NAME [ARG]'", help="What happens to it; repeat at will.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="Stop here; else when nothing more happens.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    language: Annotated[str, typer.Option(help="de or en.")] = "de",
) -> None:
    """Print what would happen to a ticket that does not exist."""
    if language not in LANGUAGES:
        raise Failure(f"--language: {language!r} is unknown; known are {', '.join(LANGUAGES)}")
    rule_context = RuleContext(find_process(process), load_calendar(calendar), CAST)
    moments = _played(rule_context, received_at, event or [], until)
    if as_json:
        typer.echo(
            json.dumps([_as_json(moment, rule_context, language) for moment in moments], ensure_ascii=False, indent=2)
        )
    elif moments:
        columns = [Column(heading, folds=heading == _HEADINGS[language][-1]) for heading in _HEADINGS[language]]
        print_table(columns, [_row(moment, rule_context, language) for moment in moments])
    else:
        typer.echo(_NOTHING[language])


def _played(rule_context: RuleContext, received_at: str, events: Sequence[str], until: str | None) -> list[Moment]:
    zone = rule_context.calendar.zone
    at = read_instant(received_at, zone, "--received")
    rule_context.calendar.demand_hours_after(at)
    end = None if until is None else read_instant(until, zone, "--until")
    if end is not None and end < at:
        raise Failure(f"--until: {until!r} is before the receipt")
    begin = received if rule_context.process.life is None else registered
    ticket = begin(rule_context, at, OWNER)
    in_order = check(ticket, [read_event(text, zone) for text in events], rule_context)
    moments = play(ticket, rule_context, in_order, end)
    return sorted(moments, key=lambda moment: moment.at.astimezone(UTC))


def _as_json(moment: Moment, rule_context: RuleContext, language: str) -> dict[str, object]:
    return {
        "at": moment.at.astimezone(rule_context.calendar.zone).isoformat(),
        "moment": moment.code,
        "does": [str(action) for action in moment.rule.does],
        "to": [str(role) for role in moment.rule.to],
        "why": why_sentence(moment.why, language),
    }


def _row(moment: Moment, rule_context: RuleContext, language: str) -> list[str]:
    return [
        instant(moment.at, language, rule_context.calendar.zone),
        f"{moment.code} {moment.rule.title[language]}",
        ", ".join(str(action) for action in moment.rule.does),
        ", ".join(str(role) for role in moment.rule.to),
        why_sentence(moment.why, language),
    ]
