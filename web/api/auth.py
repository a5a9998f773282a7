"""The door of the API: a key instead of a session, looked at before anything else, and problems told in JSON."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from fastapi import FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute, APIRouter
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from models.tables import ApiKeyRow
from web.admin.api_keys import hash_of
from web.shell.passwords import Attempts
from web.shell.request import words_for
from web.shell.security_headers import TooLarge
from web.shell.services import Services
from web.shell.translations import N_
from web.shell.unavailable import RETRY_AFTER, SILENT, is_silence
from workflows.gateway import Unavailable

log = logging.getLogger(__name__)

TRIES, MINUTES = 600, 5
"""So often may a key be used in so many minutes."""
WRONG_TRIES = 30
"""So often may an address come without a key that is known."""

SENTENCES = {
    "key_unknown": N_("Without a key that is known nothing is taken: Authorization: Bearer …"),
    "too_often": N_("Too many requests. Please wait, then try again."),
    "engine_silent": N_(
        "The engine does not answer at the moment. Please send the same again later: what was taken is known again."
    ),
    "database_silent": N_("The database does not answer at the moment. Please send the same again later."),
    "too_large": N_("At most 12 MB can be sent at a time."),
    "too_many_facts": N_("At most %(limit)s facts can be sent at a time."),
    "not_understood": N_("The body is not what is expected: %(problem)s"),
    "nothing_here": N_("There is nothing here."),
    "mishap": N_("Something went wrong on our side. Please send the same again later."),
    "idempotency_key": N_(
        "The header Idempotency-Key is needed: 1 to 255 visible ASCII characters, in quotation marks or without."
    ),
    "key_reused": N_("Something else was sent under this Idempotency-Key already."),
    "under_way": N_("The same contact is being taken at this moment. Please ask again in a few seconds."),
    "customer_unknown": N_("There is no such customer."),
    "category_unknown": N_("The service catalogue knows no such category."),
    "ticket_unknown": N_("With this key no such ticket was opened."),
}


def whole(said: Any) -> Any:
    """Return 5.0 as 5, for a validator to come: JSON knows numbers, of which some are whole."""
    return int(said) if isinstance(said, float) and said.is_integer() else said


class Problem(BaseModel):
    """Why nothing, or not everything, was looked at."""

    code: str = Field(description="For programs.", examples=["not_understood"])
    message: str = Field(description="For people, in the language that was asked for (Accept-Language: de or en).")


class ProblemFound(Exception):
    """A request is answered with a problem; `retry_after` is in seconds, 0 for none."""

    def __init__(self, status: int, code: str, retry_after: int = 0) -> None:
        """Take the status, the code of the sentence, and when it is worth trying again."""
        self.status, self.code, self.retry_after = status, code, retry_after
        super().__init__(code)


def problems(*stati: int) -> dict[int | str, dict[str, Any]]:
    """Return how the description names problems, those that every path can have included."""
    meanings = _MEANINGS | {status: _MEANINGS[status] for status in stati}
    described = sorted({401, 413, 422, 429, 503, *stati})
    return {
        status: {"model": Problem, "description": meanings[status]}
        | ({"headers": {"Retry-After": _RETRY_AFTER}} if status in _WAITS else {})
        for status in described
    }


_MEANINGS = {
    400: "The Idempotency-Key is missing, or is none",
    401: "The key is missing, unknown or revoked",
    404: "There is no such thing for this key: ticket, customer or category",
    409: "The same is being taken at this moment",
    413: "More was sent than can be taken at a time",
    422: "What was sent is not what is expected",
    429: "Too many requests",
    503: "A part of ours does not answer; the same may be sent again",
}
_WAITS = {409, 429, 503}
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}


class Keyed(APIRoute):
    """Looks at the key before anything of the body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handler = super().get_route_handler()

        async def keyed(request: Request) -> Response:
            request.state.key = await asyncio.to_thread(_admitted, request)
            return await handler(request)

        return keyed


def keyed_router() -> APIRouter:
    """Return a router whose paths need a key."""
    return APIRouter(route_class=Keyed, dependencies=[Security(HTTPBearer(auto_error=False))])


def key_of(request: Request) -> ApiKeyRow:
    """Return the key a request was admitted with."""
    return cast("ApiKeyRow", request.state.key)


def guard(api: FastAPI) -> None:
    """Have an application count who comes, and tell every problem in JSON."""
    api.state.used, api.state.missed = Attempts(TRIES, MINUTES), Attempts(WRONG_TRIES, MINUTES)
    api.add_exception_handler(ProblemFound, _problem_found)
    api.add_exception_handler(RequestValidationError, _not_understood)
    api.add_exception_handler(HTTPException, _http)
    for silent in SILENT:
        api.add_exception_handler(silent, _silent)
    api.add_exception_handler(Exception, _unexpected)


async def too_large(request: Request, services: Services) -> Response:
    """Answer a program that sent more than anybody may send."""
    return _answer(request, services, 413, "too_large")


def _admitted(request: Request) -> ApiKeyRow:
    """Return the key a request carries; raises for one that is unknown, revoked, or used too often."""
    services = cast("Services", request.app.state.services)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with services.database.reading() as session:
        row = session.get(ApiKeyRow, hash_of(token.strip())) if scheme.lower() == "bearer" and token.strip() else None
    if row is None or row.revoked:
        address = request.client.host if request.client else "-"
        if not request.app.state.missed.allowed("api", address):
            raise ProblemFound(429, "too_often", MINUTES * 60)
        raise ProblemFound(401, "key_unknown")
    if not request.app.state.used.allowed("api", row.key_hash):
        raise ProblemFound(429, "too_often", MINUTES * 60)
    return row


def _problem_found(request: Request, problem: Exception) -> Response:
    found = cast("ProblemFound", problem)
    headers = {"Retry-After": str(found.retry_after)} if found.retry_after else {}
    if found.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(request, request.app.state.services, found.status, found.code, headers)


def _not_understood(request: Request, problem: Exception) -> Response:
    """Say where the request is not what is expected; of what was sent nothing is repeated."""
    first = cast("RequestValidationError", problem).errors()[0]
    services = cast("Services", request.app.state.services)
    if first["loc"][0] == "header":
        return _answer(request, services, 400, "idempotency_key")
    if first["type"] == "too_long" and tuple(first["loc"]) == ("body", "facts"):
        return _answer(request, services, 422, "too_many_facts", limit=first["ctx"]["max_length"])
    where = ".".join(str(part) for part in first["loc"] if part in request.app.state.names or type(part) is int)
    return _answer(request, services, 422, "not_understood", problem=f"{where}: {first['msg']}")


def _http(request: Request, problem: Exception) -> Response:
    found = cast("HTTPException", problem)
    if isinstance(problem.__cause__, TooLarge):
        return _answer(request, request.app.state.services, 413, "too_large")
    if found.status_code == 400:  # a body nobody could read at all
        return _answer(request, request.app.state.services, 422, "not_understood", problem="JSON")
    return _answer(request, request.app.state.services, found.status_code, "nothing_here", found.headers)


def _silent(request: Request, problem: Exception) -> Response:
    if not is_silence(problem):
        raise problem
    log.warning("nobody answers: %s %s: %s", request.method, request.url.path, problem)
    code = "engine_silent" if isinstance(problem, Unavailable) else "database_silent"
    return _answer(request, request.app.state.services, 503, code, {"Retry-After": str(RETRY_AFTER)})


def _unexpected(request: Request, _: Exception) -> Response:
    return _answer(request, request.app.state.services, 500, "mishap")


def _answer(
    request: Request,
    services: Services,
    status: int,
    code: str,
    headers: Mapping[str, str] | None = None,
    **gaps: object,
) -> Response:
    message = words_for(request, services)(SENTENCES[code], **gaps)
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=dict(headers or {}))
