"""Every route is walked with values that no row, clock or calendar could hold: none of them is a mishap of ours.

The routes, their parameters and the fields of their forms are read from the application and its pages, so that a new
one is walked too.
"""

import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from itertools import chain
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from temporalio.client import Client

from settings import Settings
from tests.web.conftest import BASE
from tests.web.shop import CHEAP, NOW, Shop
from tests.web.visitor import Visitor
from web.app import create_app
from workflows.gateway import Gateway

HOSTILE = (
    "a\x00b",
    "a\x1bb",
    "\u202e\ufffe",
    str(2**31),
    str(2**63),
    "9" * 40,
    "-1",
    "٣",
    "1e309",
    "NaN",
    "9999-12-31T23:59",
    "0001-01-01",
    "x" * 100_000,
    "' OR 1=1 --",
)
RAW = ("%00", "%FF%FE", "%ED%A0%80", "%2F..%2F")
"""What can only be written into an address: bytes that are no text."""
LONGEST_ADDRESS = 8000
VALID = {
    "number": "3",
    "customer": "1",
    "other": "2",
    "site": "musterstadt",
    "key": "musterstadt",
    "short": "anna",
    "name": "note",
    "way": "test",
}
"""What a parameter is filled in with; "1" where it is none of these."""


@pytest.fixture
def app(shop_everywhere: Shop, unplugged: Client) -> FastAPI:
    """Return the web form of the shop on each kind of database, while the engine is down."""
    gateway = Gateway(unplugged, gather_seconds=0, patience=timedelta(seconds=0.05))
    shop = shop_everywhere
    with_all_roles(shop)
    return create_app(
        Settings(base_url=BASE), shop.database, gateway, shop.ticket_service, lambda: NOW, passwords=CHEAP
    )


def with_all_roles(shop: Shop) -> None:
    """Let one person see every page."""
    shop.plays("dora", "admin", "controller", "senior_controller", "dispatcher", "case_handler", "salesperson")


def routes(app: FastAPI) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield method, path and the names of the query parameters of every page."""
    included = (route.original_router.routes for route in app.routes if hasattr(route, "original_router"))
    for route in chain(app.routes, *included):
        if isinstance(route, APIRoute) and "live" not in route.path:
            asked = tuple(parameter.alias for parameter in route.dependant.query_params)
            yield from ((method, route.path, asked) for method in sorted(route.methods or ()))


def filled(path: str, **hostile: str) -> str:
    """Return a path with its parameters filled in."""
    names = re.findall(r"{(\w+)(?::\w+)?}", path)
    for name in names:
        path = re.sub(rf"{{{name}(?::\w+)?}}", hostile.get(name, VALID.get(name, "1")), path)
    return path


def addresses(path: str, asked: tuple[str, ...], some: random.Random) -> Iterator[str]:
    """Yield a page's address with one hostile value at a time."""
    values = [*(quote(value, safe="") for value in HOSTILE if len(value) < LONGEST_ADDRESS), *RAW]
    for name in re.findall(r"{(\w+)", path):
        for value in values:
            yield filled(path, **{name: value.replace("\\", "\\\\")})
    for name in asked:
        for value in some.sample(values, 6):
            yield f"{filled(path)}?{name}={value}"


async def walked(visitor: Visitor, app: FastAPI, some: random.Random) -> list[str]:
    """Open every address; return those that ended in a mishap."""
    mishaps = []
    for method, path, asked in routes(app):
        for address in addresses(path, asked, some):
            if method == "GET":
                answer = await visitor.opens(address)
            else:
                answer = await visitor.posts(address, csrf="x", command="\x00")
            if answer.status_code >= 500:
                mishaps.append(f"{method} {address} {answer.status_code}")
    return mishaps


async def test_no_address_ends_in_a_mishap(visitor: Callable[[], Visitor], app: FastAPI) -> None:
    stranger, dora = visitor(), visitor()
    await dora.signs_in("dora")
    assert len(list(routes(app))) > 90
    some = random.Random(13)  # noqa: S311 - chosen the same way each time
    assert await walked(stranger, app, some) == []
    assert await walked(dora, app, some) == []
    assert (await dora.opens("/")).status_code == 200


class _Forms(HTMLParser):
    """Reads the forms of a page: where each leads to, and its fields as they are filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form or a field."""
        named = {name: value or "" for name, value in attrs}
        if tag == "form" and named.get("method") == "post":
            self.forms.append((named.get("action", "").partition("#")[0], {}))
        elif tag in {"input", "textarea", "select", "button"} and self.forms and named.get("name"):
            self.forms[-1][1][named["name"]] = named.get("value", "")


async def pages(visitor: Visitor, app: FastAPI) -> list[httpx.Response]:
    """Open every page that there is."""
    opened = []
    for method, path, _ in routes(app):
        if method == "GET":
            for number in ("1", "3"):
                answer = await visitor.opens(filled(path, number=number))
                if answer.status_code == 200 and "text/html" in answer.headers.get("content-type", ""):
                    opened.append(answer)
                if "{number" not in path:
                    break
    return opened


async def test_no_field_ends_in_a_mishap(
    visitor: Callable[[], Visitor], app: FastAPI, shop_everywhere: Shop, request: pytest.FixtureRequest
) -> None:
    """What its database takes worst for each field, and others with `--hostile`. The engine is away: 503 is right."""
    dora, each = visitor(), int(request.config.getoption("--hostile"))
    first = str(2**63) if shop_everywhere.database.is_sqlite else "a\x00b"
    stranger = visitor()
    await dora.signs_in("dora")
    some = random.Random(31)  # noqa: S311 - chosen the same way each time
    seen, mishaps = set[tuple[str, str]](), []
    for sender in (stranger, dora):
        for page in await pages(sender, app):
            reader = _Forms()
            reader.feed(page.text)
            for action, fields in reader.forms:
                for name in fields:
                    known = (re.sub(r"\d+", "N", action), re.sub(r"\d+", "N", name))
                    if known in seen or action.endswith("/sign-out") or name == "csrf":
                        continue
                    seen.add(known)
                    for value in (first, *some.sample(HOSTILE, min(each, len(HOSTILE)))):
                        answer = await sender.posts(action, **{**fields, name: value})
                        if answer.status_code >= 500 and answer.status_code != 503:
                            mishaps.append(f"{action} {name}={value[:20]!r} {answer.status_code}")
    assert mishaps == []
    assert len(seen) > 150
    assert (await dora.opens("/")).status_code == 200
