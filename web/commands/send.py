"""Asks a ticket's workflow for facts. Words are kept first, so that no answer of the workflow can lose them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from domain.ticket.facts import Fact
from models.messages import Command, Standing
from web.commands import queries
from web.shell.request import Visit
from web.shell.translations import N_

UNAVAILABLE = N_(
    "The engine does not answer at the moment. Nothing is lost: your text is kept below. "
    "Please send it again in a minute; it will be counted once."
)


@dataclass(frozen=True)
class Written:
    """What somebody wrote with a step: a text with its subject, and remarks about single items of a checklist."""

    body: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""

    def __bool__(self) -> bool:
        return bool(self.body or self.parts)


async def ask(
    visit: Visit, number: int, form: str, fact: Fact, written: Written, *, version: int | None = None
) -> Standing:
    """Have a ticket accept a fact; raises Refused and Unavailable.

    The form sent twice counts once, the form changed and sent again is a new command.
    """
    text = await asyncio.to_thread(_kept, visit, number, written) if written else None
    command = Command(fact, visit.person.short, _command_id(visit, number, form, fact, written), version, text)
    start = await asyncio.to_thread(visit.services.ticket_service.ticket_start, number, command.id)
    return await visit.services.gateway.act(start, command)


def _kept(visit: Visit, number: int, written: Written) -> int:
    author = visit.person.short
    with visit.services.database.reading() as session:
        kept = queries.kept_text(session, number, author, written.body, written.parts, written.subject)
    if kept is not None:
        return kept
    return visit.services.ticket_service.keep_text(
        number, author, written.body, visit.now, subject=written.subject, parts=written.parts
    )


def _command_id(visit: Visit, number: int, form: str, fact: Fact, written: Written) -> str:
    subject = [written.subject] if written.subject else []
    words = "|".join([*subject, written.body, *(f"{key}={remark}" for key, remark in sorted(written.parts.items()))])
    return str(uuid5(NAMESPACE_URL, f"{number}|{visit.person.short}|{form[:64]}|{fact}|{words}"))
