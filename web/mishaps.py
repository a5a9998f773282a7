"""The pages for what went wrong, in the reader's language and without stack traces.

Typed text is handed back.
"""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from web.checklist import REASON, REMARK, VALUE, WAS
from web.forgery import Forged, form_of
from web.front import front_of
from web.hardening import SECURITY_HEADERS
from web.sessions import SignInNeeded
from web.translations import N_
from web.visits import Forbidden, render, words_for

log = logging.getLogger(__name__)

TITLES = {
    401: N_("You are signed out"),
    403: N_("Not for you"),
    404: N_("There is nothing here"),
    405: N_("There is nothing here"),
    413: N_("That was too much at once"),
    500: N_("Something went wrong on our side"),
}
SENTENCES = {
    401: N_("Your session has ended. Please sign in again; what you typed is below, ready to be copied."),
    403: N_("This page belongs to another role, or the form was too old. Please go back and reload the page."),
    404: N_("The address leads to no page, or to a ticket that does not exist."),
    413: N_("At most 12 MB can be sent at a time. Please go back: your browser still has what you typed."),
    500: N_("The mistake was written down and nothing was changed. Please try again in a minute."),
}
_WORTH_KEEPING = ("text", "body", "subject")


def register(app: FastAPI) -> None:
    """Have every mishap of an application answered by a page."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(Forged, _forbidden)
    app.add_exception_handler(Forbidden, _forbidden)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def page(request: Request, status: int, kept: list[str] | None = None) -> Response:
    """Make the page of a mishap; codes without words of their own get those of 404 or 500."""
    front = front_of(request)
    code = status if status in TITLES else 404 if status < _SERVER_ERRORS else 500
    return render(
        front,
        request,
        words_for(request, front),
        "error.html",
        status,
        code=status,
        title=TITLES[code],
        sentence=SENTENCES.get(code, SENTENCES[404]),
        kept=kept or [],
    )


_SERVER_ERRORS = 500


async def too_large(request: Request) -> Response:
    """Answer somebody who sent more than anybody may send."""
    return page(request, 413)


async def _sign_in(request: Request, _: Exception) -> Response:
    """Ask for signing in; somebody whose session ended while they typed gets their text back."""
    if request.url.path == "/popups" or request.headers.get("accept") == "application/json":
        return JSONResponse([], status_code=401)
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/sign-in?next={quote(request.url.path + query)}", status_code=303)
    form = await form_of(request)
    typed = [value for name, value in form.multi_items() if _is_worth_keeping(name) and isinstance(value, str)]
    return page(request, 401, [value for value in typed if value])


def _is_worth_keeping(name: str) -> bool:
    """Whether a field holds words of a person, and not what the page had put there."""
    return name in _WORTH_KEEPING or (name.startswith((VALUE, REASON, REMARK)) and not name.endswith(WAS))


async def _forbidden(request: Request, _: Exception) -> Response:
    return page(request, 403)


async def _http(request: Request, problem: Exception) -> Response:
    return page(request, problem.status_code if isinstance(problem, HTTPException) else 500)


async def _unexpected(request: Request, problem: Exception) -> Response:
    log.exception("a page failed: %s %s", request.method, request.url.path, exc_info=problem)
    response = page(request, 500)
    response.headers.update(SECURITY_HEADERS)
    return response
