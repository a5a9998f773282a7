"""The administration of webhooks: which other systems are told what happens, their secrets, and what became of it."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from fastapi import APIRouter, BackgroundTasks, HTTPException
from fastapi.responses import Response
from sqlmodel import Session, select

from activities.ledger.webhook_outbox import body, outbox_of
from activities.webhooks.address import Unreachable, find
from activities.webhooks.deliver import awaken, begin_anew
from domain.text.numbers import read_number
from domain.webhooks.messages import KINDS, PATIENCE, TEST, message_id, written_secret
from models.tables import DeliveryRow, DeliveryStatus, SiteRow, WebhookRow
from web.admin import webhook_page
from web.shell import idempotency, lost_updates
from web.shell.audit_log import WEBHOOK, record
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import ADMINS, Visit, Visitor
from web.shell.translations import N_
from workflows.gateway import Unavailable

router = APIRouter(prefix="/admin/webhooks")
FLASHES = {
    "webhook_off": N_("Switched off. Nothing is sent any more; what waits is kept."),
    "webhook_on": N_("Switched on. What waits is sent now."),
    "webhook_test": N_("The test is on its way. Reload to see what became of it."),
    "webhook_again": N_("It is sent again. Reload to see what became of it."),
}
"""What is said after something was done, by what a redirect names."""
PATH = "/admin/webhooks"
_LONGEST_TITLE = 64
_BOTH_HOLD = timedelta(days=1)
_WRONG = {
    "no_url": N_("This is not an address, like https://other.example/told."),
    "not_https": N_("The address has to begin with https://."),
    "unknown_host": N_("Nobody knows this host. Please check the address."),
    "forbidden": N_("This host is in our own network, or nobody may be sent there."),
}


@router.get("")
def webhooks(visit: Visitor) -> Response:
    """Show the webhooks there are, and the form for another one."""
    visit.demand(ADMINS)
    return webhook_page.show_all(visit, Sheet({f"kind:{kind}": "on" for kind in KINDS}))


@router.post("")
def create(visit: Visitor, form: Sent) -> Response:
    """Add a webhook and show its secret, this once."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    row = WebhookRow(title="", url="", secret="", by=visit.person.short, created_at=visit.now)
    _read(visit, sheet, row)
    if sheet.problems:
        return webhook_page.show_all(visit, sheet, 422)
    row.secret = written_secret(idempotency.drawn(visit, WEBHOOK, sheet.typed))
    with idempotency.creating(visit, sheet.typed) as sent:
        if not sent.became:
            sent.session.add(row)
            sent.session.flush()
            record(sent.session, visit, WEBHOOK, str(row.id), {}, webhook_page.said(row))
            sent.became = str(row.id)
    return _shown(visit, int(sent.became), row.secret)


@router.get("/{number:row}")
def webhook(visit: Visitor, number: int) -> Response:
    """Show one webhook and its last deliveries."""
    visit.demand(ADMINS)
    return webhook_page.show_one(visit, number)


@router.post("/{number:row}")
def save(visit: Visitor, form: Sent, number: int, afterwards: BackgroundTasks) -> Response:
    """Save title, address and what it is told; what was written before goes out as it was written.

    Another address is tried at once.
    """
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    changed = WebhookRow(title="", url="", secret="", by="", created_at=visit.now)
    _read(visit, sheet, changed)
    if sheet.problems:
        return webhook_page.show_one(visit, number, sheet, 422)
    with visit.services.database.writing() as session:
        row = known(session, number)
        before = webhook_page.said(row)
        after = {**webhook_page.said(changed), "active": before["active"]}
        if before != after:
            lost_updates.check(session, visit, sheet, WEBHOOK, str(number), before, webhook_page.drawn)
        if not sheet.newer:
            if row.url != changed.url:
                begin_anew(row)
                afterwards.add_task(_look_again, visit, number)
            row.title, row.url, row.site = changed.title, changed.url, changed.site
            row.kinds, row.words = changed.kinds, changed.words
            record(session, visit, WEBHOOK, str(number), before, after)
    if sheet.newer:
        return webhook_page.show_one(visit, number, sheet, sheet.status)
    return visit.redirect(f"{PATH}/{number}", "kept")


@router.post("/{number:row}/rotate")
def rotate(visit: Visitor, form: Sent, number: int) -> Response:
    """Change the secret and show the new one, this once; for a day both sign."""
    visit.demand(ADMINS)
    typed = Sheet.of(form).typed
    secret = written_secret(idempotency.drawn(visit, WEBHOOK, typed))
    with idempotency.creating(visit, typed) as sent:
        row = known(sent.session, number)
        if not sent.became:
            row.old_secret, row.old_until, row.secret = row.secret, visit.now + _BOTH_HOLD, secret
            record(sent.session, visit, WEBHOOK, str(number), {}, {"secret": "…"})
            sent.became = str(number)
    return _shown(visit, number, secret)


def _shown(visit: Visit, number: int, secret: str) -> Response:
    """Show a webhook with the secret that its form made, unless it has another one by now."""
    with visit.services.database.reading() as session:
        row = session.get(WebhookRow, number)
        is_newest = row is not None and row.secret == secret
    return webhook_page.show_one(visit, number, secret=secret if is_newest else "")


@router.post("/{number:row}/{way:str}")
async def act(visit: Visitor, form: Sent, number: int, way: str) -> Response:
    """Switch a webhook off or on, send it a test, or send a delivery again."""
    visit.demand(ADMINS)
    if way not in _WAYS:
        raise HTTPException(404)
    typed = Sheet.of(form).typed
    await asyncio.to_thread(_test if way == "test" else _write, visit, number, way, typed)
    flash = _WAYS[way]
    if way != "off":
        await _look_again(visit, number)
    return visit.redirect(f"{PATH}/{number}", flash)


async def _look_again(visit: Visit, number: int) -> None:
    """Have a webhook's workflow look what it may send; where nobody answers, the sweep starts it in a minute."""
    with suppress(Unavailable):
        await visit.services.gateway.look_again(outbox_of(number))


_WAYS = {"off": "webhook_off", "on": "webhook_on", "test": "webhook_test", "again": "webhook_again"}


def _write(visit: Visit, number: int, way: str, typed: Mapping[str, str]) -> None:
    """Switch a webhook off or on, or have a delivery sent again: done twice it is as done once."""
    with visit.services.database.writing() as session:
        row = known(session, number)
        if way != "off":
            awaken(row)
        if way == "again":
            _again(session, visit, number, read_number(typed.get("delivery", "")) or 0)
            return
        before = webhook_page.said(row)
        row.off = "by hand" if way == "off" else ""
        record(session, visit, WEBHOOK, str(number), before, webhook_page.said(row))


def _test(visit: Visit, number: int, way: str, typed: Mapping[str, str]) -> None:
    """Write a test, once per form; a webhook that rests is woken."""
    with idempotency.creating(visit, typed) as sent:
        row = known(sent.session, number)
        if not sent.became:
            awaken(row)
            sent.session.add(_message(visit, number))
            sent.became = way


def known(session: Session, number: int) -> WebhookRow:
    """Return a webhook, or answer that there is none."""
    row = session.get(WebhookRow, number, with_for_update=True)
    if row is None:
        raise HTTPException(404)
    return row


def _again(session: Session, visit: Visit, number: int, delivery: int) -> None:
    """Have a delivery tried as if for the first time, under its id and as it was written."""
    row = session.get(DeliveryRow, delivery)
    if row is None or row.webhook != number:
        raise HTTPException(404)
    row.status, row.attempts = DeliveryStatus.WAITING, 0
    row.next_at, row.until = visit.now, visit.now + PATIENCE


def _message(visit: Visit, number: int) -> DeliveryRow:
    return DeliveryRow(
        webhook=number,
        message=message_id(number, secrets.token_hex(16)),
        kind=TEST,
        at=visit.now,
        body=body(TEST, visit.now, {"webhook": number}),
        next_at=visit.now,
        until=visit.now + PATIENCE,
    )


def _read(visit: Visit, sheet: Sheet, row: WebhookRow) -> None:
    """Read the form into a row; the address is resolved and checked now, and again at every attempt."""
    row.title = " ".join(sheet.line("title", limit=_LONGEST_TITLE).split())
    row.url = sheet.line("url", limit=500)
    row.kinds = [kind for kind in KINDS if f"kind:{kind}" in sheet.typed]
    row.words = "words" in sheet.typed
    with visit.services.database.reading() as session:
        row.site = sheet.choice("site", {"", *session.exec(select(SiteRow.key))}) or None
    if not row.kinds:
        sheet.wrong("kinds", N_("Please choose at least one."))
    if "url" not in sheet.problems:
        try:
            find(row.url, private=visit.services.settings.webhooks_private)
        except Unreachable as why:
            sheet.wrong("url", _WRONG[why.code])
