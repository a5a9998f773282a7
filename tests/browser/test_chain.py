"""The chain of a builder's ticket in a real browser: a column on a phone, in the light and in the dark."""

import pytest

from tests.browser.conftest import Visits
from tests.browser.test_pages import DESK, PHONE, SMALL_PHONE, barriers
from tests.web.shop import Shop
from tests.web.site import project_overdue, project_with_new_partner

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [SMALL_PHONE, PHONE, DESK], ids=["small phone", "phone", "desk"])
async def test_chain_fits_and_has_no_serious_barriers(
    visits: Visits, shop: Shop, scheme: str, device: dict[str, int]
) -> None:
    """With every step's form open in turn, nothing scrolls sideways and axe finds nothing serious."""
    numbers = [project_overdue(shop), project_with_new_partner(shop)]
    async with visits.by("anna", viewport=device, color_scheme=scheme, reduced_motion="reduce") as browser:
        page = await browser.new_page()
        for number in numbers:
            await page.goto(f"/tickets/{number}")
            for step in ("milestone", "back"):
                await page.evaluate("id => document.getElementById(id).open = true", step)
                assert await page.evaluate("document.documentElement.scrollWidth") <= device["width"]
                assert await barriers(page) == []
