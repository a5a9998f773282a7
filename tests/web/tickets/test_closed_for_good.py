"""A site that closed for good still shows its tickets, customers, lists and calendars."""

import pytest

from domain.ticket.customer_facts import PackageBooked
from models.tables import SiteRow
from tests.activities.ledger.test_closed_for_good import OVER
from tests.web.me.test_calendar_feed import made
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor


@pytest.fixture
def closed(shop: Shop) -> Shop:
    """Close the busy shop for good, with a customer who booked and one who is watched."""
    shop.lives(shop.registers("Kim Kunde", at=NOW), PackageBooked(5), NOW)
    with shop.database.writing() as session:
        session.get_one(SiteRow, "musterstadt").calendar = OVER
    return shop


@pytest.mark.parametrize(
    "path",
    ["/", *(f"/tickets/{number}" for number in range(1, 12)), "/customers", "/customers/12"],
)
async def test_page_is_shown(closed: Shop, anna: Visitor, path: str) -> None:
    if path == "/customers/12":
        path = f"/customers/{closed.row(12).customer}"
    assert (await anna.opens(path)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/all", "/escalated", "/customers/week?person=ina", "/quiet", "/statistics"])
async def test_page_of_a_controller_is_shown(closed: Shop, carl: Visitor, path: str) -> None:
    assert (await carl.opens(path)).status_code == 200


async def test_pool_is_shown(closed: Shop, dora: Visitor) -> None:
    assert (await dora.opens("/pool")).status_code == 200


async def test_calendar_is_read(closed: Shop, anna: Visitor) -> None:
    assert (await anna.opens(await made(anna))).status_code == 200
