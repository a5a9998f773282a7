"""Signing in and out. A wrong name and a wrong password look and last the same."""

import asyncio
import secrets
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from models.tables import PersonRow
from web.shell import sessions
from web.shell.csrf import GUEST_COOKIE, Sent
from web.shell.forms import plain
from web.shell.request import FLASH_COOKIE, Visitor, render, words_for
from web.shell.services import Services, WithServices
from web.shell.sessions import MaybeSigned, set_cookie
from web.shell.translations import N_, Words

router = APIRouter()
FLASHES = {
    "signed_out": N_("You are signed out."),
}
"""What is said after something was done, by what a redirect names."""
_GUEST_LASTS = timedelta(hours=12)
_LONGEST_NAME = 64

WRONG = N_("Name and password do not fit together.")
TOO_MANY = N_("Too many tries. Please wait %(minutes)s minutes, then try again.")


@router.get("/sign-in")
def sign_in_page(request: Request, services: WithServices, found: MaybeSigned, next: str = "/") -> Response:  # noqa: A002
    """Show the form, or go on for those who are signed in already."""
    if found is not None:
        return RedirectResponse(safe_next(next), status_code=303)
    flash = services.flashes.get(request.cookies.get(FLASH_COOKIE, ""), "")
    response = _page(request, services, going_to=next, flash=flash)
    if flash:
        response.delete_cookie(FLASH_COOKIE, path="/")
    return response


@router.post("/sign-in")
async def sign_in(request: Request, services: WithServices, form: Sent) -> Response:
    """Check the password and begin a session; after too many tries, ask for patience."""
    name = plain(str(form.get("name", ""))).strip()[:_LONGEST_NAME]
    going_to = safe_next(str(form.get("next", "/")))
    address = request.client.host if request.client else "-"
    if not services.attempts.allowed(name, address):
        words = words_for(request, services)
        problem = words(TOO_MANY, minutes=services.attempts.minutes)
        return _page(request, services, 429, name=name, going_to=going_to, problem=problem)
    person = await asyncio.to_thread(_checked, services, name, str(form.get("password", "")))
    if person is None:
        problem = words_for(request, services)(WRONG)
        return _page(request, services, 422, name=name, going_to=going_to, problem=problem)
    services.attempts.forget(name, address)
    response = RedirectResponse(going_to, status_code=303)
    await asyncio.to_thread(sessions.begin, services, person, response)
    return response


@router.post("/sign-out")
def sign_out(request: Request, visit: Visitor) -> Response:
    """End the session."""
    response = visit.redirect("/sign-in", "signed_out")
    sessions.end(visit.services, request, response)
    return response


def safe_next(path: str) -> str:
    """Return a path of this application; anything that leads elsewhere becomes the first page."""
    leads_elsewhere = not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable()
    return "/" if leads_elsewhere else path


def _checked(services: Services, name: str, password: str) -> str | None:
    """Return who it is.

    The password is checked for unknown and inactive people too, so that it takes as long.
    """
    with services.database.reading() as session:
        person = session.get(PersonRow, name.lower())
    known_hash = person.password_hash if person and person.active else ""
    if not services.passwords.fits(known_hash, password) or person is None:
        return None
    if services.passwords.outgrown(known_hash):
        with services.database.writing() as session:
            session.get_one(PersonRow, person.short).password_hash = services.passwords.hash(password)
    return person.short


def _page(
    request: Request,
    services: Services,
    status: int = 200,
    *,
    name: str = "",
    going_to: str = "/",
    problem: str = "",
    flash: str = "",
) -> Response:
    words: Words = words_for(request, services)
    token = request.cookies.get(GUEST_COOKIE) or secrets.token_urlsafe(32)
    context = {"name": name, "next": safe_next(going_to), "problem": problem, "flash": flash, "csrf": token}
    response = render(services, request, words, "shell/sign_in.html", status, **context)
    set_cookie(services, response, GUEST_COOKIE, token, _GUEST_LASTS)
    return response
