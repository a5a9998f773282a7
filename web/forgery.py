"""Refuses requests that another site made a browser send. One dependency of the whole application."""

import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from web.front import Here
from web.sessions import MaybeSigned, SignInNeeded

BODY_LIMIT = 12 * 1024 * 1024
GUEST_COOKIE = "statuskette-guest"
FIELD = "csrf"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_OWN_SITE = {"same-origin", "none"}


class Forged(Exception):
    """The request does not come from one of our own forms."""


async def refuse_forgery(request: Request, front: Here, signed: MaybeSigned) -> None:
    """Let only our own forms change something: same origin, and the token of this session in the form."""
    if request.method in _SAFE:
        return
    if not _from_here(request, front.settings.base_url):
        raise Forged
    form = await form_of(request)
    if signed is None and request.url.path != "/sign-in":
        raise SignInNeeded
    expected = signed.csrf if signed and request.url.path != "/sign-in" else request.cookies.get(GUEST_COOKIE, "")
    given = str(form.get(FIELD, ""))
    if not expected or not secrets.compare_digest(expected.encode(), given.encode()):
        raise Forged


async def form_of(request: Request) -> FormData:
    """Return the form that was sent; forms of this application carry no files."""
    return await request.form(max_files=0, max_fields=200, max_part_size=BODY_LIMIT)


Sent = Annotated[FormData, Depends(form_of)]


def _from_here(request: Request, base_url: str) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in _OWN_SITE:
        return False
    origin = request.headers.get("origin")
    return origin is None or origin in {_origin(base_url), _origin(str(request.base_url))}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
