"""Refuses requests that another site made a browser send. One dependency of the whole application."""

import re
import secrets
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from web.shell.services import WithServices
from web.shell.sessions import MaybeSigned, SignInNeeded

BODY_LIMIT = 12 * 1024 * 1024
GUEST_COOKIE = "statuskette-guest"
FIELD = "csrf"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_OWN_SITE = {"same-origin", "none"}
_PUBLIC = "/contact/"
"""Forms of people who never sign in: there is no session to abuse, and each form is sealed by itself."""


class Forged(Exception):
    """The request does not come from one of our own forms."""


async def refuse_forgery(request: Request, services: WithServices, signed: MaybeSigned) -> AsyncIterator[None]:
    """Let only our own forms change something: same origin, and the token of this session in the form."""
    if request.method in _SAFE:
        yield
        return
    if not _from_here(request, services.settings.base_url):
        raise Forged
    form = await form_of(request)
    try:
        _check_token(request, signed, str(form.get(FIELD, "")))
        yield
    finally:
        await form.close()


def _check_token(request: Request, signed: MaybeSigned, given: str) -> None:
    if request.url.path.startswith(_PUBLIC):
        return
    if signed is None and request.url.path != "/sign-in":
        raise SignInNeeded
    expected = signed.csrf if signed and request.url.path != "/sign-in" else request.cookies.get(GUEST_COOKIE, "")
    if not expected or not secrets.compare_digest(expected.encode(), given.encode()):
        raise Forged


async def form_of(request: Request) -> FormData:
    """Return the form that was sent; only a checklist carries files, one for each of its lines, and an import."""
    files = _FILES_OF_A_CHECKLIST if _CHECKLIST.fullmatch(request.url.path) else int(request.url.path == _IMPORT)
    return await request.form(max_files=files, max_fields=400, max_part_size=BODY_LIMIT)


_CHECKLIST = re.compile(r"/tickets/[0-9]+/gates/[^/]+/(answers|submit|items/[^/]+/(file|settle))")
_IMPORT = "/customers/import"
_FILES_OF_A_CHECKLIST = 40
"""A browser without scripts sends every file field of the form, the empty ones, too."""


Sent = Annotated[FormData, Depends(form_of)]


def _from_here(request: Request, base_url: str) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in _OWN_SITE:
        return False
    origin = request.headers.get("origin")
    return origin is None or origin in {_origin(base_url), _origin(str(request.base_url))}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
