"""API keys: for administrators, shown once, kept as a hash, revoked for good, and all of it in the trail."""

import hashlib
import re
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from models.tables import ApiKeyRow, AuditRow
from tests.web.shop import NOW, Shop
from tests.web.visitor import HERE, Visitor

PAGE = "/admin/keys"


@pytest.fixture
async def helga(shop: Shop, visitor: Callable[[], Visitor]) -> Visitor:
    """Return an administrator who is signed in."""
    shop.plays("helga", "admin")
    arrived = visitor()
    await arrived.signs_in("helga")
    return arrived


def keys(shop: Shop) -> list[ApiKeyRow]:
    """Return the keys there are."""
    with shop.database.reading() as session:
        return list(session.exec(select(ApiKeyRow).order_by(ApiKeyRow.name)))


async def test_keys_are_for_administrators(helga: Visitor, carl: Visitor, dora: Visitor, anna: Visitor) -> None:
    assert (await helga.opens(PAGE)).status_code == 200
    for other in (carl, dora, anna):
        assert (await other.opens(PAGE)).status_code == 403
        for action in (PAGE, f"{PAGE}/revoke"):
            csrf = re.findall(r'name="csrf" value="([^"]+)"', (await other.opens("/")).text)[0]
            fields = {"csrf": csrf, "name": "x", "site": "musterstadt", "key": ""}
            assert (await other.posts(action, **fields)).status_code == 403


async def test_key_is_shown_once_and_kept_as_a_hash(shop: Shop, helga: Visitor) -> None:
    made = await helga.sends(PAGE, PAGE, name="Buchungssystem", site="musterstadt")
    (key,) = re.findall(r'id="key" readonly value="([^"]+)"', made.text)
    assert len(key) >= 43  # 256 bits
    (row,) = keys(shop)
    assert row.key_hash == hashlib.sha256(key.encode()).hexdigest()
    assert (row.name, row.site, row.by, row.created_at, row.revoked) == (
        "Buchungssystem",
        "musterstadt",
        "helga",
        NOW,
        False,
    )
    again = await helga.opens(PAGE)
    assert key not in again.text
    assert "Buchungssystem" in again.text
    assert "no-cache" in made.headers["cache-control"]


async def test_two_keys_are_never_the_same(shop: Shop, helga: Visitor) -> None:
    for name in ("Eins", "Zwei"):
        await helga.sends(PAGE, PAGE, name=name, site="musterstadt")
    assert len({row.key_hash for row in keys(shop)}) == 2


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": ""}, "name", "Bitte ausfüllen"),
        ({"name": "x" * 65}, "name", "Höchstens 64"),
        ({"name": "buchungssystem"}, "name", "heißt schon"),
        ({"name": "Anna"}, "name", "heißt schon"),
        ({"name": "Neu", "site": "nowhere"}, "site", "Bitte"),
    ],
)
async def test_key_that_cannot_be_is_refused_at_the_field(
    shop: Shop, helga: Visitor, typed: dict[str, str], field: str, words: str
) -> None:
    """A name stands in histories: it is nobody else's, and no short name of the staff."""
    await helga.sends(PAGE, PAGE, name="Buchungssystem", site="musterstadt")
    answer = await helga.sends(PAGE, PAGE, **({"name": "Neu", "site": "musterstadt"} | typed))
    assert answer.status_code == 422
    assert words in answer.text.partition(f'id="{field}-problem">')[2].partition("</p>")[0]
    assert 'id="key"' not in answer.text
    assert len(keys(shop)) == 1


async def test_revoking_is_for_good_and_both_are_in_the_trail_without_the_key(shop: Shop, helga: Visitor) -> None:
    made = await helga.sends(PAGE, PAGE, name="Buchungssystem", site="musterstadt")
    (key,) = re.findall(r'id="key" readonly value="([^"]+)"', made.text)
    (row,) = keys(shop)
    for _ in range(2):
        answer = await helga.sends(PAGE, PAGE, name="", site="musterstadt")
        csrf = re.findall(r'name="csrf" value="([^"]+)"', answer.text)[0]
        assert (await helga.posts(f"{PAGE}/revoke", csrf=csrf, key=row.key_hash)).status_code == 303
    assert [each.revoked for each in keys(shop)] == [True]
    with shop.database.reading() as session:
        trail = session.exec(select(AuditRow).order_by(col(AuditRow.id))).all()
    said = {"name": "Buchungssystem", "site": "musterstadt"}
    assert [(one.what, one.key, one.by, one.before, one.after) for one in trail] == [
        ("key", "Buchungssystem", "helga", {}, {**said, "revoked": False}),
        ("key", "Buchungssystem", "helga", {**said, "revoked": False}, {**said, "revoked": True}),
    ]
    shown = (await helga.opens("/admin/audit?what=key")).text
    assert "API-Schlüssel" in shown
    assert "Widerrufen" in shown
    assert key not in shown
    page = (await helga.opens(PAGE)).text
    assert "widerrufen" in page
    assert row.key_hash not in page


async def test_form_of_another_site_and_an_unknown_key_change_nothing(shop: Shop, helga: Visitor) -> None:
    await helga.sends(PAGE, PAGE, name="Buchungssystem", site="musterstadt")
    (row,) = keys(shop)
    assert (await helga.client.post(f"{PAGE}/revoke", data={"key": row.key_hash}, headers=HERE)).status_code == 403
    csrf = re.findall(r'name="csrf" value="([^"]+)"', (await helga.opens(PAGE)).text)[0]
    assert (await helga.posts(f"{PAGE}/revoke", csrf=csrf, key="nothing")).status_code == 404
    assert not keys(shop)[0].revoked
