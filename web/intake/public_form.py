"""The public form: whoever waits for us writes, and it becomes a ticket, once (SL-04). Nobody signs in here.

There is no cookie and no outside service. The form itself is sealed with the instant it was drawn at; what looks like
advertising is shown once more with everything that was typed, and a second press sends it: nobody is turned away.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from activities.intake.contacts import Contact, Sending, Taken, fingerprint, take
from activities.intake.tickets import NewTicket
from activities.ledger.context import calendar_of
from domain.words.wording import instant
from models.tables import SiteRow
from web.intake.spam import MOST_LINKS, Suspicion, suspicion
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.passwords import Attempts
from web.shell.request import fresh_id, render, words_for
from web.shell.services import Services, WithServices, services_of
from web.shell.signed_token import Seal
from web.shell.translations import N_, Words
from workflows.gateway import Unavailable

router = APIRouter(prefix="/contact")
SOURCE = "form"
TRAP = "website"
"""A field that people do not see and programs like to fill in."""
FIELDS = ("name", "email", "phone", "subject", "text")
TRIES, MINUTES = 30, 10
"""So often may an address of the network send in so many minutes: a whole company may share one."""
MAILS, MAIL_MINUTES = 6, 60
"""So often may somebody write under one mail address in so many minutes."""
_INSISTS, _ASKS = "again", "first"

ASKED = {
    Suspicion.TRAP: N_(
        "A field that people do not see was filled in, as automatic programs do. It is empty again: "
        "please press the button once more."
    ),
    Suspicion.TOO_OLD: N_(
        "This form had been open for long. Nothing is lost: please look it over and press the button once more."
    ),
    Suspicion.TOO_FAST: N_("That was faster than people type, so we ask: please press the button once more."),
    Suspicion.LINKS: N_(
        "Your text has more than %(limit)s links, as advertising often has. If it is meant like this, please press the "
        "button once more."
    ),
}
TOO_OFTEN = N_("That was often in a short time. Nothing is lost: please wait %(minutes)s minutes and send it again.")
SAID = N_("From the form: %(said)s")


class Throttle:
    """Counts who sends, by address of the network and by mail address; each process counts its own."""

    def __init__(self) -> None:
        """Begin to count."""
        self.senders, self.mails = Attempts(TRIES, MINUTES), Attempts(MAILS, MAIL_MINUTES)


@dataclass(frozen=True)
class Drawn:
    """A form as it was drawn: its id, when, and whether it asks already to send once more in spite of links.

    One that we did not draw has no instant.
    """

    form: str
    at: datetime | None
    insists: bool = False


@dataclass
class Asking:
    """The form as it stands: what was typed, what is wrong, and a message above it."""

    site: SiteRow
    drawn: Drawn
    sheet: Sheet = field(default_factory=Sheet)
    message: str = ""
    gaps: Mapping[str, Any] = field(default_factory=dict)


@router.get("/{site}")
def blank(request: Request, services: WithServices, site: str) -> Response:
    """Show the empty form."""
    return _show(request, services, Asking(_site(services, site), Drawn(fresh_id(), services.clock())))


@router.post("/{site}")
async def send(request: Request, services: WithServices, site: str, form: Sent) -> Response:
    """Open a ticket, or show the form again with everything that was typed, and why."""
    sheet = Sheet.of(form)
    asking = await asyncio.to_thread(_asking, request, services, site, sheet)
    if not _throttle(request).senders.allowed(SOURCE, request.client.host if request.client else "-"):
        asking.message, asking.gaps = TOO_OFTEN, {"minutes": MINUTES}
        return _show(request, services, asking, 429)
    contact = _read(request, services, asking)
    doubt = None if sheet.problems else _doubt(services, asking)
    if doubt is not None:
        asking.drawn = _drawn_again(services, asking.drawn, doubt)
        asking.message, asking.gaps = ASKED[doubt], {"limit": MOST_LINKS}
    if sheet.problems or doubt is not None:
        return _show(request, services, asking, 422)
    mail = contact.ticket.customer_email
    if mail and not _throttle(request).mails.allowed(SOURCE, mail.lower()):
        asking.message, asking.gaps = TOO_OFTEN, {"minutes": MAIL_MINUTES}
        return _show(request, services, asking, 429)
    taken = await _opened(services, asking, contact)
    promised = str(int(taken.due_at.timestamp())) if taken.due_at else ""
    number = _seal(request).close("thanks", site, str(taken.number), promised)
    return RedirectResponse(f"/contact/{site}/thanks?of={number}", status_code=303)


@router.get("/{site}/thanks")
def thanks(request: Request, services: WithServices, site: str, of: str = "") -> Response:
    """Say thank you, with the number if the address was made by us: a number is no access to anything."""
    known, said = _site(services, site), _seal(request).open(of) or []
    number, promised = said[2:4] if said[:2] == ["thanks", site] else ("", "")
    words = words_for(request, services)
    told: dict[str, Any] = {"number": number, "address": _address(services)}
    told["promise"] = _promise(services, site, promised, words)
    return render(services, request, words, "intake/contact_thanks.html", site=known, **told)


def _promise(services: Services, site: str, promised: str, words: Words) -> str:
    """Return by when somebody answers, in the site's time; empty where nothing is promised, or no more."""
    at = datetime.fromtimestamp(int(promised), UTC) if promised else None
    if at is None or at <= services.clock():
        return ""
    with services.database.reading() as session:
        return instant(at, words.language, calendar_of(session, site).zone)


def _asking(request: Request, services: Services, site: str, sheet: Sheet) -> Asking:
    """Return the form that was sent; one that we did not draw gets an id and no instant."""
    said = _seal(request).open(sheet.typed.get("form", "")) or []
    drawn = Drawn(fresh_id(), None)
    if said[:2] == ["form", site]:
        drawn = Drawn(said[2], datetime.fromtimestamp(int(said[3]), UTC), said[4] == _INSISTS)
    return Asking(_site(services, site), drawn, sheet)


def _doubt(services: Services, asking: Asking) -> Suspicion | None:
    typed, drawn = asking.sheet.typed, asking.drawn
    said = "\n".join(typed.get(name, "") for name in FIELDS)
    return suspicion(drawn.at, services.clock(), typed.get(TRAP, ""), said, insists=drawn.insists)


def _drawn_again(services: Services, drawn: Drawn, doubt: Suspicion) -> Drawn:
    """Return the form as it is drawn once more: its id and age stay, so that a second press is neither too fast."""
    if doubt is Suspicion.TOO_OLD:
        return Drawn(drawn.form, services.clock())
    return Drawn(drawn.form, drawn.at or services.clock(), drawn.insists or doubt is Suspicion.LINKS)


def _read(request: Request, services: Services, asking: Asking) -> Contact:
    sheet, words = asking.sheet, words_for(request, services)
    name = sheet.line("name")
    email, phone = sheet.email("email"), sheet.phone("phone")
    if not email and not phone:
        sheet.wrong("email", N_("Without an address or a number nobody can answer."))
    ticket = NewTicket(
        process=services.settings.intake_process,
        site=asking.site.key,
        subject=sheet.line("subject"),
        body=sheet.prose("text"),
        by="web",
        customer_name=name,
        customer_email=email,
        customer_phone=phone,
        customer_language=words.language,
        channel="web",
    )
    return Contact(ticket, said=words(SAID, said=" · ".join(filter(None, (name, email, phone)))))


async def _opened(services: Services, asking: Asking, contact: Contact) -> Taken:
    """Open the ticket: the same form with the same words is the same ticket, with other words another one."""
    said = "\n".join(asking.sheet.typed.get(name, "").strip() for name in FIELDS)
    sending = Sending(SOURCE, fingerprint(f"{asking.drawn.form}\n{said}"))
    taken = await asyncio.to_thread(take, services.database, sending, contact, services.clock())
    if taken.start is not None:
        with suppress(Unavailable):  # it is kept; the sweep starts it
            await services.gateway.start(taken.start)
    return taken


def _show(request: Request, services: Services, asking: Asking, status: int = 200) -> Response:
    drawn = asking.drawn
    at = int((drawn.at or services.clock()).timestamp())
    form = _seal(request).close("form", asking.site.key, drawn.form, str(at), _INSISTS if drawn.insists else _ASKS)
    words = words_for(request, services)
    context = {"site": asking.site, "sheet": asking.sheet, "form": form, "trap": TRAP, "address": _address(services)}
    message = words(asking.message, **asking.gaps) if asking.message else ""
    return render(services, request, words, "intake/contact.html", status, message=message, **context)


def _site(services: Services, key: str) -> SiteRow:
    with services.database.reading() as session:
        row = session.get(SiteRow, key)
    if row is None:
        raise HTTPException(404)
    return row


def _address(services: Services) -> str:
    """Return the mail address that is another way to us."""
    return parseaddr(services.settings.mail_from)[1]


def _throttle(request: Request) -> Throttle:
    return cast("Throttle", request.app.state.contact_throttle)


def _seal(request: Request) -> Seal:
    return services_of(request).seal
