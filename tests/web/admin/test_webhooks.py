"""Webhooks: for administrators, the secret shown once, addresses checked, all but the secret in the trail."""

import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from domain.ticket.facts import Called
from domain.webhooks.messages import KINDS, PATIENCE
from models.tables import AuditRow, DeliveryRow, DeliveryStatus, WebhookRow
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor
from web.admin.webhook_page import TITLES

PAGE = "/admin/webhooks"
URL = "http://127.0.0.1:9/told"
EVERYTHING = {f"kind:{kind}": "on" for kind in KINDS}
FIELDS = {"title": "CRM", "url": URL, "site": "", **EVERYTHING}


@pytest.fixture(autouse=True)
def private(app: FastAPI) -> None:
    """Let webhooks lead to this machine."""
    app.state.services.settings.webhooks_private = True


@pytest.fixture
async def helga(shop: Shop, visitor: Callable[[], Visitor]) -> Visitor:
    """Return an administrator who is signed in."""
    shop.plays("helga", "admin")
    arrived = visitor()
    await arrived.signs_in("helga")
    return arrived


def hooks(shop: Shop) -> list[WebhookRow]:
    """Return the webhooks there are."""
    with shop.database.reading() as session:
        return list(session.exec(select(WebhookRow).order_by(col(WebhookRow.id))))


def deliveries(shop: Shop) -> list[DeliveryRow]:
    """Return the deliveries there are."""
    with shop.database.reading() as session:
        return list(session.exec(select(DeliveryRow).order_by(col(DeliveryRow.id))))


def secret_of(answer: httpx.Response) -> str:
    """Return the secret that a page shows."""
    (secret,) = re.findall(r'id="secret" readonly value="([^"]+)"', answer.text)
    return str(secret)


def problem(answer: httpx.Response, field: str) -> str:
    """Return what a page says is wrong with a field."""
    return answer.text.partition(f'id="{field}-problem">')[2].partition("</p>")[0]


def test_every_kind_has_a_title() -> None:
    assert set(TITLES) == set(KINDS)


async def test_webhooks_are_for_administrators(helga: Visitor, carl: Visitor, anna: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    for other in (carl, anna):
        for path in (PAGE, f"{PAGE}/1"):
            assert (await other.opens(path)).status_code == 403
        csrf = re.findall(r'name="csrf" value="([^"]+)"', (await other.opens("/")).text)[0]
        for way in ("", "/1", "/1/rotate", "/1/off", "/1/on", "/1/test", "/1/again"):
            assert (await other.posts(f"{PAGE}{way}", csrf=csrf, **FIELDS)).status_code == 403


async def test_secret_is_shown_once(shop: Shop, helga: Visitor) -> None:
    made = await helga.sends(PAGE, PAGE, **FIELDS)
    secret = secret_of(made)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    (row,) = hooks(shop)
    assert (row.secret, row.title, row.url, row.site, row.words, row.off) == (secret, "CRM", URL, None, False, "")
    assert set(row.kinds) == set(KINDS)
    for path in (PAGE, f"{PAGE}/1", "/admin/audit"):
        page = (await helga.opens(path)).text
        assert "CRM" in page
        assert secret not in page


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"title": ""}, "title", "Bitte ausfüllen"),
        ({"url": "told"}, "url", "keine Adresse"),
        ({"url": "http://93.184.216.34/"}, "url", "https://"),
        ({"url": "https://169.254.169.254/latest"}, "url", "eigenen Netz"),
        ({"url": "https://nowhere.invalid/"}, "url", "kennt niemand"),
        ({"site": "nowhere"}, "site", "Bitte"),
    ],
)
async def test_webhook_that_cannot_be_is_refused_at_the_field_and_keeps_what_was_typed(
    shop: Shop, helga: Visitor, typed: dict[str, str], field: str, words: str
) -> None:
    answer = await helga.sends(PAGE, PAGE, **(FIELDS | {"title": "Warenwirtschaft"} | typed))
    assert answer.status_code == 422
    assert words in problem(answer, field)
    assert "Warenwirtschaft" in answer.text or typed.get("title") == ""
    assert hooks(shop) == []


async def test_webhook_that_is_told_nothing_is_refused(shop: Shop, helga: Visitor) -> None:
    answer = await helga.sends(PAGE, PAGE, title="CRM", url=URL, site="")
    assert "mindestens eins" in problem(answer, "kinds")
    assert hooks(shop) == []


async def test_own_network_is_refused_unless_the_setting_allows_it(app: FastAPI, shop: Shop, helga: Visitor) -> None:
    app.state.services.settings.webhooks_private = False
    assert "eigenen Netz" in problem(await helga.sends(PAGE, PAGE, **FIELDS), "url")
    await helga.sends(PAGE, PAGE, **(FIELDS | {"url": "https://93.184.216.34/"}))
    assert len(hooks(shop)) == 1


async def test_what_happens_is_written_for_it_and_listed(shop: Shop, helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **(FIELDS | {"site": "musterstadt"}))
    shop.happens(4, Called(), NOW, text="Meldet sich.")
    (row,) = deliveries(shop)
    assert (row.kind, row.ticket, row.status) == ("ticket.called", 4, DeliveryStatus.WAITING)
    page = (await helga.opens(f"{PAGE}/1")).text
    assert "Ein Anruf wurde notiert" in page
    assert row.message in page
    assert 'href="/tickets/4"' in page


async def test_changed_secret_is_shown_once_and_the_former_one_holds_for_a_day(shop: Shop, helga: Visitor) -> None:
    first = secret_of(await helga.sends(PAGE, PAGE, **FIELDS))
    second = secret_of(await helga.sends(f"{PAGE}/1", f"{PAGE}/1/rotate"))
    (row,) = hooks(shop)
    assert (row.secret, row.old_secret, row.old_until) == (second, first, NOW + timedelta(days=1))
    assert first != second
    page = (await helga.opens(f"{PAGE}/1")).text
    assert "unterschreibt noch mit" in page
    assert second not in page


async def test_switched_off_and_on_it_hears_nothing_in_between(shop: Shop, helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    assert (await helga.sends(f"{PAGE}/1", f"{PAGE}/1/off")).status_code == 303
    assert "ausgeschaltet" in (await helga.opens(f"{PAGE}/1")).text
    shop.happens(4, Called(), NOW, text="x")
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1/on")
    assert [row.off for row in hooks(shop)] == [""]
    assert deliveries(shop) == []


async def test_test_is_written_even_while_the_engine_is_down(shop: Shop, helga: Visitor) -> None:
    """The sweep finds it; two tests are two messages."""
    await helga.sends(PAGE, PAGE, **FIELDS)
    for _ in range(2):
        assert (await helga.sends(f"{PAGE}/1", f"{PAGE}/1/test")).status_code == 303
    rows = deliveries(shop)
    assert [(row.kind, row.ticket, row.next_at) for row in rows] == [("test", None, NOW)] * 2
    assert rows[0].message != rows[1].message


async def test_delivery_is_sent_again_under_its_id_as_it_was_written(shop: Shop, helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1/test")
    (before,) = deliveries(shop)
    with shop.database.writing() as session:
        row = session.get_one(DeliveryRow, before.id)
        row.status, row.attempts, row.error = DeliveryStatus.GIVEN_UP, 80, "ConnectError: nobody"
        row.next_at = row.until = NOW - timedelta(days=1)
    page = (await helga.opens(f"{PAGE}/1")).text
    assert "nach drei Tagen aufgegeben" in page
    assert "ConnectError: nobody" in page
    assert "1 aufgegeben" in (await helga.opens(PAGE)).text
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1/again", delivery=str(before.id))
    (after,) = deliveries(shop)
    assert (after.message, after.body, after.status) == (before.message, before.body, DeliveryStatus.WAITING)
    assert (after.attempts, after.next_at, after.until) == (0, NOW, NOW + PATIENCE)


async def test_settings_are_changed_and_stand_in_the_trail(shop: Shop, helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    fields = {"title": "ERP", "url": f"{URL}/2", "site": "musterstadt", "kind:ticket.closed": "on", "words": "on"}
    assert (await helga.sends(f"{PAGE}/1", f"{PAGE}/1", **fields)).status_code == 303
    (row,) = hooks(shop)
    assert (row.title, row.url, row.site, row.kinds, row.words) == (
        "ERP",
        f"{URL}/2",
        "musterstadt",
        ["ticket.closed"],
        True,
    )
    assert (await helga.sends(f"{PAGE}/1", f"{PAGE}/1", **(fields | {"title": ""}))).status_code == 422
    with shop.database.reading() as session:
        trail = session.exec(select(AuditRow).where(AuditRow.what == "webhook").order_by(col(AuditRow.id))).all()
    assert [(one.by, one.after["name"]) for one in trail] == [("helga", "CRM"), ("helga", "ERP")]
    assert "Webhook" in (await helga.opens("/admin/audit?what=webhook")).text


async def test_what_is_not_there_is_not_found(helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    csrf = re.findall(r'name="csrf" value="([^"]+)"', (await helga.opens(PAGE)).text)[0]
    assert (await helga.opens(f"{PAGE}/9")).status_code == 404
    for path in ("9", "9/test", "9/rotate", "1/again", "1/dance"):
        assert (await helga.posts(f"{PAGE}/{path}", csrf=csrf, delivery="7", **FIELDS)).status_code == 404


def fails(shop: Shop, *, since: timedelta) -> None:
    """The first webhook has failed for a while, and rests."""
    with shop.database.writing() as session:
        row = session.get_one(WebhookRow, 1)
        row.failures, row.failing_since, row.rests_until = 9, NOW - since, NOW + timedelta(minutes=40)


async def test_webhook_that_failed_for_a_day_is_counted_for_administrators_on_every_page(
    shop: Shop, helga: Visitor, carl: Visitor
) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    fails(shop, since=timedelta(hours=23))
    assert "Webhooks mit Störung" not in (await helga.opens("/")).text
    fails(shop, since=timedelta(hours=25))
    assert "Webhooks mit Störung" in (await helga.opens("/")).text
    assert "Webhooks mit Störung" not in (await carl.opens("/")).text
    assert "schlägt fehl seit" in (await helga.opens(PAGE)).text
    assert "9-mal nacheinander" in (await helga.opens(f"{PAGE}/1")).text
    assert "wird nichts versucht" in (await helga.opens(f"{PAGE}/1")).text


async def test_what_was_given_up_is_counted_until_it_is_sent_again(shop: Shop, helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1/test")
    (row,) = deliveries(shop)
    with shop.database.writing() as session:
        session.get_one(DeliveryRow, row.id).status = DeliveryStatus.GIVEN_UP
    assert "Webhooks mit Störung" in (await helga.opens("/")).text
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1/again", delivery=str(row.id))
    assert "Webhooks mit Störung" not in (await helga.opens("/")).text


async def test_test_ends_the_rest_and_another_address_forgets_the_failures(shop: Shop, helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, **FIELDS)
    fails(shop, since=timedelta(hours=2))
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1/test")
    (row,) = hooks(shop)
    assert (row.failures, row.rests_until) == (9, None)
    fails(shop, since=timedelta(hours=2))
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1", **FIELDS)
    assert hooks(shop)[0].failures == 9
    await helga.sends(f"{PAGE}/1", f"{PAGE}/1", **(FIELDS | {"url": "http://127.0.0.1:10/told"}))
    (row,) = hooks(shop)
    assert (row.failures, row.failing_since, row.rests_until) == (0, None, None)
