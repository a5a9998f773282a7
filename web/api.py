"""The way in for other programs: facts of customers as JSON, each taken once by its sender's own id (S3).

A small application of its own under /api: a key instead of a session, JSON instead of pages, and its own description.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, cast

from fastapi import FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute, APIRouter
from fastapi.security import HTTPBearer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr
from starlette.exceptions import HTTPException

from activities.abreast import in_order_per_key, queues
from activities.outside import Outcome, Outside, Sender
from activities.registry import Registry
from domain.outside_facts import FIELDS, LONGEST_ID, LONGEST_KEY, WHATS, normalised
from domain.wording import refusal
from models.tables import ApiKeyRow
from web.admin_keys import hash_of
from web.front import Front, Here
from web.hardening import TooLarge
from web.passwords import Attempts
from web.translations import N_, Words
from web.visits import words_for
from workflows.gateway import Unavailable

MOST_FACTS = 1000
TRIES, MINUTES = 600, 5
"""So often may a key be used in so many minutes; each time with up to a thousand facts."""
WRONG_TRIES = 30
"""So often may an address come without a key that is known."""
RETRY_AFTER = 30
"""Seconds after which it is worth trying again when the engine was silent."""

SENTENCES = {
    "key_unknown": N_("Without a key that is known nothing is taken: Authorization: Bearer …"),
    "too_often": N_("Too many requests. Please wait, then try again."),
    "engine_silent": N_(
        "The engine does not answer at the moment. Please send the same again later: what was taken is known again."
    ),
    "too_large": N_("At most 12 MB can be sent at a time."),
    "too_many_facts": N_("At most %(limit)s facts can be sent at a time."),
    "not_understood": N_("The body is not what is expected: %(problem)s"),
    "nothing_here": N_("There is nothing here."),
    "mishap": N_("Something went wrong on our side. Please send the same again later."),
}


def _whole(said: str) -> str:
    """Return a text; JSON may hold half a character, which nobody could write down."""
    said.encode()
    return said


Said = Annotated[StrictStr, AfterValidator(_whole)] | StrictInt | None


class OutsideFact(BaseModel):
    """One fact. Which fields belong to it depends on `what`; a field that does not belong is refused."""

    model_config = ConfigDict(extra="allow")

    id: Said = Field(None, description=f"Your own id of this fact, at most {LONGEST_ID} visible characters; needed.")
    what: Said = Field(None, description=f"One of {', '.join(WHATS)}; needed.")
    customer: Said = Field(
        None, description=f"What you call the customer, at most {LONGEST_KEY} characters, or our number; needed."
    )
    at: Said = Field(
        None, description="When it happened, ISO 8601; without an offset in the site's zone. Without it: now."
    )
    size: Said = Field(None, description="package: its hours; needed.")
    task: Said = Field(None, description="task_posted, task_assigned: your id of the task; needed.")
    to: Said = Field(None, description="task_assigned: short name of an assistant of ours.")
    tag: Said = Field(None, description="tagged: the class; needed.")
    name: Said = Field(None, description="registered: the customer's name; needed.")
    email: Said = Field(None, description="registered: their mail address.")
    phone: Said = Field(None, description="registered: their telephone number.")
    company: Said = Field(None, description="registered: their company.")

    def record(self) -> dict[str, str]:
        """Return it as a line of a file would say it."""
        said = self.model_dump() | (self.model_extra or {})
        return {name: str(value) for name, value in said.items() if value is not None}


class Facts(BaseModel):
    """What happened elsewhere. Facts of one customer are taken in the order given."""

    facts: Annotated[list[OutsideFact], Field(max_length=MOST_FACTS)]


class Result(BaseModel):
    """What became of a fact."""

    id: str = Field(description="The id it was sent under; empty without one.")
    outcome: str = Field(description="taken, known (the same was taken before), or refused.")
    code: str = Field(description="Why it was refused, for programs; else empty.")
    message: str = Field(description="Why it was refused, as a sentence; else empty.")


class Results(BaseModel):
    """What became of every fact, in the order they were sent."""

    results: list[Result]


class Problem(BaseModel):
    """Why nothing, or not everything, was looked at."""

    code: str
    message: str


class _ProblemFound(Exception):
    def __init__(self, status: int, code: str, retry_after: int = 0) -> None:
        self.status, self.code, self.retry_after = status, code, retry_after
        super().__init__(code)


class _Keyed(APIRoute):
    """Looks at the key before anything of the body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handler = super().get_route_handler()

        async def keyed(request: Request) -> Response:
            request.state.key = await asyncio.to_thread(_admitted, request)
            return await handler(request)

        return keyed


_PROBLEMS: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 413, 422, 429, 503)}
router = APIRouter(route_class=_Keyed, responses=_PROBLEMS, dependencies=[Security(HTTPBearer(auto_error=False))])


@router.post("/customer-facts", summary="Report what happened to customers")
async def report(request: Request, front: Here, body: Facts) -> Results:
    """Take facts, each once by its id; a refused one says why, and its id may be used for the corrected one.

    After 503, and after a broken connection, the same body may be sent again: nothing happens twice.
    """
    key = cast("ApiKeyRow", request.state.key)
    sender = Sender(key.site, key.name, front.clock())
    records = [fact.record() for fact in body.facts]
    outcomes: dict[int, Outcome] = {}

    async def take(position: int) -> None:
        outcomes[position] = await _outside(request).take(records[position], sender)

    try:
        await in_order_per_key(zip(queues(map(normalised, records)), range(len(records)), strict=True), take)
    except Unavailable:
        raise _ProblemFound(503, "engine_silent", RETRY_AFTER) from None
    words = words_for(request, front)
    return Results(results=[_result(record, outcomes[n], words) for n, record in enumerate(records)])


def create_api(front: Front) -> FastAPI:
    """Return the application under /api."""
    api = FastAPI(
        title="Statuskette",
        summary="Facts of customers that come from other systems",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    api.state.front = front
    api.state.outside = Outside(front.database, Registry(front.database), front.gateway)
    api.state.used, api.state.missed = Attempts(TRIES, MINUTES), Attempts(WRONG_TRIES, MINUTES)
    api.include_router(router)
    api.add_exception_handler(_ProblemFound, _problem_found)
    api.add_exception_handler(RequestValidationError, _not_understood)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unexpected)
    return api


async def too_large(request: Request, front: Front) -> Response:
    """Answer a program that sent more than anybody may send."""
    return _answer(request, front, 413, "too_large")


def _outside(request: Request) -> Outside:
    return cast("Outside", request.app.state.outside)


def _admitted(request: Request) -> ApiKeyRow:
    """Return the key a request carries; raises for one that is unknown, revoked, or used too often."""
    front = cast("Front", request.app.state.front)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with front.database.reading() as session:
        row = session.get(ApiKeyRow, hash_of(token.strip())) if scheme.lower() == "bearer" and token.strip() else None
    if row is None or row.revoked:
        address = request.client.host if request.client else "-"
        if not request.app.state.missed.allowed("api", address):
            raise _ProblemFound(429, "too_often", MINUTES * 60)
        raise _ProblemFound(401, "key_unknown")
    if not request.app.state.used.allowed("api", row.key_hash):
        raise _ProblemFound(429, "too_often", MINUTES * 60)
    return row


def _result(record: Mapping[str, str], outcome: Outcome, words: Words) -> Result:
    message = refusal(outcome.code, outcome.context, words.language) if outcome.code else ""
    return Result(id=record.get("id", ""), outcome=outcome.what, code=outcome.code, message=message)


def _problem_found(request: Request, problem: Exception) -> Response:
    found = cast("_ProblemFound", problem)
    headers = {"Retry-After": str(found.retry_after)} if found.retry_after else {}
    if found.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(request, request.app.state.front, found.status, found.code, headers)


def _not_understood(request: Request, problem: Exception) -> Response:
    """Say where the body is not what is expected; of what was sent nothing is repeated."""
    first = cast("RequestValidationError", problem).errors()[0]
    front = cast("Front", request.app.state.front)
    if first["type"] == "too_long" and tuple(first["loc"]) == ("body", "facts"):
        return _answer(request, front, 413, "too_many_facts", limit=MOST_FACTS)
    where = ".".join(str(part) for part in first["loc"] if part in ("body", "facts", *FIELDS) or type(part) is int)
    return _answer(request, front, 422, "not_understood", problem=f"{where}: {first['msg']}")


def _http(request: Request, problem: Exception) -> Response:
    status = cast("HTTPException", problem).status_code
    if isinstance(problem.__cause__, TooLarge):
        return _answer(request, request.app.state.front, 413, "too_large")
    if status == 400:  # a body nobody could read at all
        return _answer(request, request.app.state.front, 422, "not_understood", problem="JSON")
    return _answer(request, request.app.state.front, status, "nothing_here")


def _unexpected(request: Request, _: Exception) -> Response:
    return _answer(request, request.app.state.front, 500, "mishap")


def _answer(
    request: Request, front: Front, status: int, code: str, headers: Mapping[str, str] | None = None, **gaps: object
) -> Response:
    message = words_for(request, front)(SENTENCES[code], **gaps)
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=dict(headers or {}))
