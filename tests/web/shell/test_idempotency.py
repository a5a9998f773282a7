"""One form creates one thing, however often it is sent, and to whichever of our processes."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func
from sqlmodel import SQLModel, col, select
from temporalio.client import Client

from activities.ledger import sent_forms
from activities.operation.sweep import Sweep
from models.database import Database
from models.tables import (
    AbsenceRow,
    AnswerRow,
    ApiKeyRow,
    AuditRow,
    CustomerRow,
    DeliveryRow,
    FeedRow,
    ImportRow,
    PersonRow,
    SentFormRow,
    SiteRow,
    SnippetRow,
    TicketRow,
    WebhookRow,
)
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, NOW, PASSWORD, Shop
from tests.web.site import project_in_sales
from tests.web.standstill import standstill
from tests.web.visitor import HERE, Visitor, hidden_fields
from web.app import create_app
from workflows.gateway import Gateway

TICKET = {"customer": "", "customer_name": "Nora Neu", "customer_email": "nora@neu.example", "customer_phone": ""}
TICKET |= {"subject": "Probefahrt", "body": "Guten Tag!", "channel": "phone", "owner": "helga", "process": "anfrage"}
PERSON = {"short": "nora", "name": "Nora Neu", "email": "nora@musterstadt.example", "language": "de"}
PERSON |= {"site": "musterstadt", "active": "on", "password": "ten letters", "password_again": "ten letters"}
HOOK = {"title": "CRM", "url": "http://127.0.0.1:9/told", "site": "", "kind:ticket.opened": "on"}
CALENDAR = 'zone = "Europe/Berlin"\nholidays = "none"\n[hours]\nmon = ["09:00-18:00"]\n'
SITE = {"key": "neustadt", "name": "Neustadt", "calendar": CALENDAR, "digests": "", "catalogue": ""}
SITE |= {"distribution": "by hand", "mails_per_hour": "6"}
SNIPPET = {"title": "Reifen", "text": "Montags.", "category": "", "site": ""}
CREATING: list[tuple[str, str, dict[str, str], type[SQLModel]]] = [
    ("/tickets/new", "/tickets/new", TICKET, TicketRow),
    ("/customers/new", "/customers/new", {"name": "Wanda Wolf", "email": "wanda@wolf.example", "owner": ""}, TicketRow),
    ("/admin/people/new", "/admin/people/new", PERSON, PersonRow),
    ("/admin/sites/new", "/admin/sites/new", SITE, SiteRow),
    ("/admin/keys", "/admin/keys", {"name": "ERP", "site": "musterstadt"}, ApiKeyRow),
    ("/admin/webhooks", "/admin/webhooks", HOOK, WebhookRow),
    (
        "/knowledge/new",
        "/knowledge/new",
        {"title": "Reifen", "text": "Montags.", "category": "", "site": ""},
        SnippetRow,
    ),
    ("/me/absences", "/me/absences", {"since": "2027-04-01", "until": "2027-04-03", "deputy": ""}, AbsenceRow),
    ("/me/notifications", "/me/feed", {"do": "make"}, FeedRow),
]
IDS = [action for _, action, _, _ in CREATING]


@pytest.fixture
def shop(shop_everywhere: Shop) -> Shop:
    """Return a busy shop, once on each kind of database, which helga may do everything in."""
    shop_everywhere.plays("helga", "admin", "controller", "dispatcher")
    return shop_everywhere


@pytest.fixture
async def two(app: FastAPI, shop: Shop) -> AsyncIterator[tuple[Visitor, Visitor]]:
    """Yield one browser at two processes: the database is all they share."""
    services = app.state.services
    services.settings.webhooks_private = True
    other = create_app(
        services.settings, shop.database, services.gateway, shop.ticket_service, lambda: NOW, passwords=CHEAP
    )
    clients = [httpx.AsyncClient(transport=httpx.ASGITransport(app=each), base_url=BASE) for each in (app, other)]
    first, second = map(Visitor, clients)
    await first.signs_in("helga", PASSWORD)
    second.client.cookies = first.client.cookies
    yield first, second
    for client in clients:
        await client.aclose()


def count(shop: Shop, table: type[SQLModel]) -> int:
    """Return how many rows a table has."""
    with shop.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


async def fills_in(who: Visitor, page: str, action: str, typed: dict[str, str]) -> dict[str, str]:
    """Open a page and fill its form in; returns all of its fields."""
    return hidden_fields((await who.opens(page)).text, action) | typed


def answered(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Return what somebody gets to see: where they are led, or the secret that is shown this once."""
    shown = re.findall(r'readonly value="([^"]+)"', answer.text)
    return answer.status_code, answer.headers.get("location", ""), shown


@pytest.mark.parametrize(("page", "action", "typed", "table"), CREATING, ids=IDS)
async def test_form_sent_to_two_processes_at_once_creates_once(
    two: tuple[Visitor, Visitor], shop: Shop, page: str, action: str, typed: dict[str, str], table: type[SQLModel]
) -> None:
    """Both presses get the same answer, with the secret if there is one; so does a third one later."""
    fields, before = await fills_in(two[0], page, action, typed), count(shop, table)
    async with standstill(shop.database, str(table.__tablename__), waiting=2):
        presses = [asyncio.create_task(who.posts(action, **fields)) for who in two]
    answers = [answered(answer) for answer in await asyncio.gather(*presses)]
    answers.append(answered(await two[1].posts(action, **fields)))
    assert count(shop, table) == before + 1
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 303 or answers[0][2]


@pytest.mark.parametrize(("page", "action", "typed", "table"), CREATING[:1] + CREATING[6:7], ids=IDS[:1] + IDS[6:7])
async def test_form_changed_and_sent_again_is_another_one(
    two: tuple[Visitor, Visitor], shop: Shop, page: str, action: str, typed: dict[str, str], table: type[SQLModel]
) -> None:
    """Somebody went back and wrote something else: nothing of it is dropped."""
    fields, before = await fills_in(two[0], page, action, typed), count(shop, table)
    changed = fields | {"subject": "Noch eine", "title": "Räder", "customer": "new"}
    for each in (fields, changed, changed):
        assert (await two[0].posts(action, **each)).status_code == 303
    assert count(shop, table) == before + 2


async def test_form_that_was_refused_may_be_sent_again(two: tuple[Visitor, Visitor], shop: Shop) -> None:
    """Nothing came of it, so nothing is remembered of it."""
    fields = await fills_in(two[0], "/admin/people/new", "/admin/people/new", PERSON)
    with shop.database.writing() as session:
        session.add(PersonRow(short="nora", name="Nora Alt", email="", site="musterstadt"))
    assert (await two[0].posts("/admin/people/new", **fields)).status_code == 422
    with shop.database.writing() as session:
        assert session.exec(select(SentFormRow)).all() == []
        session.delete(session.get_one(PersonRow, "nora"))
    assert (await two[1].posts("/admin/people/new", **fields)).status_code == 303


async def test_file_sent_to_two_processes_at_once_is_one_import(two: tuple[Visitor, Visitor], shop: Shop) -> None:
    """Another file in the same form is another import."""
    page = "/customers/import"
    hidden = hidden_fields((await two[0].opens(page)).text, page)
    first, other = (f"id,what,customer,name\nx-{n},registered,k-{n},Kim {n}\n".encode() for n in (1, 2))

    async def sends(who: Visitor, content: bytes) -> str:
        file = {"file": ("b.csv", content, "text/csv")}
        sent = await who.client.post(page, data={**hidden, "site": "musterstadt"}, files=file, headers=HERE)
        return str(sent.headers["location"])

    async with standstill(shop.database, "import", waiting=2):
        presses = [asyncio.create_task(sends(who, first)) for who in two]
    answers = await asyncio.gather(*presses)
    assert answers[0] == answers[1]
    assert await sends(two[0], other) != answers[0]
    assert count(shop, ImportRow) == 2


async def test_secret_changed_twice_by_one_form_is_changed_once(two: tuple[Visitor, Visitor], shop: Shop) -> None:
    """The other system has the former secret for a day, whichever press was the one that counted."""
    await two[0].sends("/admin/webhooks", "/admin/webhooks", **HOOK)
    path = "/admin/webhooks/1/rotate"
    fields = await fills_in(two[0], "/admin/webhooks/1", path, {})
    with shop.database.reading() as session:
        former = session.get_one(WebhookRow, 1).secret
    shown = [answered(await who.posts(path, **fields))[2] for who in two]
    with shop.database.reading() as session:
        row = session.get_one(WebhookRow, 1)
    assert row.old_secret == former
    assert shown[0] == shown[1] == [row.secret]
    await two[0].sends("/admin/webhooks/1", path)
    assert answered(await two[1].posts(path, **fields))[2] == []


async def test_test_message_is_one_per_form(two: tuple[Visitor, Visitor], shop: Shop) -> None:
    await two[0].sends("/admin/webhooks", "/admin/webhooks", **HOOK)
    path = "/admin/webhooks/1/test"
    fields = await fills_in(two[0], "/admin/webhooks/1", path, {})
    for who in two:
        assert (await who.posts(path, **fields)).status_code == 303
    assert count(shop, DeliveryRow) == 1


async def test_absence_deleted_by_two_presses_is_deleted(two: tuple[Visitor, Visitor], shop: Shop) -> None:
    """Neither press gets an error: it is as was wished."""
    typed = {"since": "2027-04-01", "until": "2027-04-03", "deputy": ""}
    await two[0].sends("/me/absences", "/me/absences", **typed)
    path = "/me/absences/1/delete"
    fields = await fills_in(two[0], "/me/absences", path, {})
    async with standstill(shop.database, "audit", waiting=2):
        presses = [asyncio.create_task(who.posts(path, **fields)) for who in two]
    assert [answer.status_code for answer in await asyncio.gather(*presses)] == [303, 303]
    assert count(shop, AbsenceRow) == 0


async def test_absence_deleted_from_two_pages_at_once_is_deleted_once(two: tuple[Visitor, Visitor], shop: Shop) -> None:
    """The other page is told that there is nothing any more."""
    await two[0].sends("/me/absences", "/me/absences", since="2027-04-01", until="2027-04-03", deputy="")
    path = "/me/absences/1/delete"
    forms = [await fills_in(who, "/me/absences", path, {}) for who in two]
    async with standstill(shop.database, "audit", waiting=2):
        presses = [asyncio.create_task(who.posts(path, **form)) for who, form in zip(two, forms, strict=True)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*presses)) == [303, 404]


async def test_addresses_made_from_two_pages_at_once_leave_one_that_leads_somewhere(
    two: tuple[Visitor, Visitor], shop: Shop
) -> None:
    forms = [await fills_in(who, "/me/notifications", "/me/feed", {"do": "make"}) for who in two]
    async with standstill(shop.database, "feed", waiting=2):
        presses = [asyncio.create_task(who.posts("/me/feed", **form)) for who, form in zip(two, forms, strict=True)]
    shown = [answered(answer)[2] for answer in await asyncio.gather(*presses)]
    addresses = [each[0].removeprefix(BASE) for each in shown if each]
    assert 200 in [(await two[0].opens(address)).status_code for address in addresses]
    assert count(shop, FeedRow) == 1


async def test_line_of_a_checklist_typed_by_two_at_once_is_told_to_the_second(
    anna: Visitor, visitor: Callable[[], Visitor], shop: Shop
) -> None:
    """A line that nobody had filled in yet: one of them is there, the other one is asked which shall stand there."""
    path = f"/tickets/{project_in_sales(shop)}/gates/sales_to_project"
    paul = visitor()
    await paul.signs_in("paul")
    forms = [hidden_fields((await who.opens(path)).text, f"{path}/submit") for who in (anna, paul)]
    async with standstill(shop.database, "answer", waiting=2):
        presses = [
            asyncio.create_task(who.posts(f"{path}/answers", **form, **{"value:promises": said}))
            for who, form, said in zip((anna, paul), forms, ("Rampe", "Keine Rampe"), strict=True)
        ]
    assert sorted(answer.status_code for answer in await asyncio.gather(*presses)) == [303, 409]
    with shop.database.reading() as session:
        assert len(session.exec(select(AnswerRow).where(AnswerRow.gate == "sales_to_project")).all()) == 1


async def test_sweep_forgets_forms_after_thirty_days(database: Database, unplugged: Client) -> None:
    """Until then they are known again."""
    for key, days in (("old", 31), ("new", 29)):
        with sent_forms.creating(database, key, NOW - timedelta(days=days)) as form:
            form.became = "7"
    await Sweep(database, Gateway(unplugged, gather_seconds=0)).sweep(NOW)
    with database.reading() as session:
        assert [row.key for row in session.exec(select(SentFormRow))] == ["new"]


async def test_table_holds_nothing_that_a_secret_could_be_made_of(two: tuple[Visitor, Visitor], shop: Shop) -> None:
    """Only a hash of the form, which has an id that nobody can guess."""
    fields = await fills_in(two[0], "/admin/keys", "/admin/keys", {"name": "ERP", "site": "musterstadt"})
    await two[0].posts("/admin/keys", **fields)
    with shop.database.reading() as session:
        (row,) = session.exec(select(SentFormRow))
        trail = session.exec(select(AuditRow).order_by(col(AuditRow.id))).all()
        customers = session.exec(select(CustomerRow)).all()
    assert len(row.key) == 64
    assert fields["command"] not in f"{row} {trail} {customers}"
