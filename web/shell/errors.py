"""The pages for what went wrong, in the reader's language and without stack traces.

Typed text is handed back.
"""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from web.shell.csrf import Forged
from web.shell.request import Forbidden, render, words_for
from web.shell.security_headers import SECURITY_HEADERS
from web.shell.services import services_of
from web.shell.sessions import SignInNeeded
from web.shell.translations import N_
from web.shell.typed_words import typed
from web.shell.unavailable import RETRY_AFTER, SILENT, is_silence

log = logging.getLogger(__name__)

TITLES = {
    401: N_("You are signed out"),
    403: N_("Not for you"),
    404: N_("There is nothing here"),
    405: N_("There is nothing here"),
    413: N_("That was too much at once"),
    500: N_("Something went wrong on our side"),
    503: N_("Not available at the moment"),
}
SENTENCES = {
    401: N_("Your session has ended. Please sign in again; what you typed is below, ready to be copied."),
    403: N_("This page belongs to another role, or the form was too old. Please go back and reload the page."),
    404: N_("The address leads to no page, or to a ticket that does not exist."),
    413: N_("At most 12 MB can be sent at a time. Please go back: your browser still has what you typed."),
    500: N_("The mistake was written down and nothing was changed. Please try again in a minute."),
    503: N_("A part of ours does not answer. Please try again in a minute."),
}
_TYPED_IN_VAIN = N_(
    "A part of ours does not answer. Reload this page in a minute to send the same again. "
    "What you typed is below, ready to be copied."
)


def register(app: FastAPI) -> None:
    """Have every mishap of an application answered by a page."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(Forged, _forbidden)
    app.add_exception_handler(Forbidden, _forbidden)
    app.add_exception_handler(HTTPException, _http)
    for silent in SILENT:
        app.add_exception_handler(silent, _silent)
    app.add_exception_handler(Exception, _unexpected)


def page(request: Request, status: int, kept: list[str] | None = None) -> Response:
    """Make the page of a mishap; codes without words of their own get those of 404 or 500."""
    services = services_of(request)
    code = status if status in TITLES else 404 if status < _SERVER_ERRORS else 500
    return render(
        services,
        request,
        words_for(request, services),
        "shell/error.html",
        status,
        code=status,
        title=TITLES[code],
        sentence=_TYPED_IN_VAIN if status == 503 and kept else SENTENCES.get(code, SENTENCES[404]),
        again=_again(request) if status == 503 else "",
        kept=kept or [],
    )


_SERVER_ERRORS = 500


def _again(request: Request) -> str:
    """Return the address to try again; empty for a form, which only the browser can send once more."""
    if request.method != "GET":
        return ""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


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
    return page(request, 401, await typed(request))


async def _silent(request: Request, problem: Exception) -> Response:
    """Say that something does not answer, and hand back what was typed; another error of the database is ours."""
    if not is_silence(problem):
        raise problem
    log.warning("nobody answers: %s %s: %s", request.method, request.url.path, problem)
    headers = {"Retry-After": str(RETRY_AFTER)}
    if request.headers.get("accept") == "application/json":
        return JSONResponse([], status_code=503, headers=headers)
    response = page(request, 503, await typed(request))
    response.headers.update(headers)
    return response


async def _forbidden(request: Request, _: Exception) -> Response:
    return page(request, 403)


async def _http(request: Request, problem: Exception) -> Response:
    return page(request, problem.status_code if isinstance(problem, HTTPException) else 500)


async def _unexpected(request: Request, problem: Exception) -> Response:
    log.exception("a page failed: %s %s", request.method, request.url.path, exc_info=problem)
    response = page(request, 500)
    response.headers.update(SECURITY_HEADERS)
    return response
