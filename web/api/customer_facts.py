"""Facts of customers from other programs, each taken once by its sender's own id (S3)."""

from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

from activities.intake.external_facts import KNOWN, REFUSED, TAKEN, Outcome, Outside, Sender
from activities.runtime.keyed_concurrency import in_order_per_key, queues
from domain.customers.external_facts import FIELDS, LONGEST_ID, LONGEST_KEY, WHATS, normalised
from domain.words.wording import refusal
from web.api.auth import ProblemFound, key_of, keyed_router, problems, whole
from web.shell.request import words_for
from web.shell.services import WithServices
from web.shell.translations import Words
from web.shell.unavailable import RETRY_AFTER
from workflows.gateway import Unavailable

MOST_FACTS = 1000
NAMES = ("facts", *FIELDS)
"""What a problem may name as the place where it is."""

router = keyed_router()


def _entire(said: str) -> str:
    """Return a text; JSON may hold half a character, which nobody could write down."""
    said.encode()
    return said


Said = Annotated[StrictStr, AfterValidator(_entire)] | Annotated[StrictInt, BeforeValidator(whole)] | None


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
    outcome: str = Field(
        description="taken, known (the same was taken before), or refused.",
        json_schema_extra={"enum": [TAKEN, KNOWN, REFUSED]},
    )
    code: str = Field(description="Why it was refused, for programs; else empty.")
    message: str = Field(description="Why it was refused, as a sentence; else empty.")


class Results(BaseModel):
    """What became of every fact, in the order they were sent."""

    results: list[Result]


@router.post("/customer-facts", summary="Report what happened to customers", responses=problems())
async def report(request: Request, services: WithServices, body: Facts) -> Results:
    """Take facts, each once by its id; a refused one says why, and its id may be used for the corrected one.

    After 503, and after a broken connection, the same body may be sent again: nothing happens twice.
    """
    key = key_of(request)
    sender = Sender(key.site, key.name, services.clock())
    records = [fact.record() for fact in body.facts]
    outcomes: dict[int, Outcome] = {}

    async def take(position: int) -> None:
        outcomes[position] = await _outside(request).take(records[position], sender)

    try:
        await in_order_per_key(zip(queues(map(normalised, records)), range(len(records)), strict=True), take)
    except Unavailable:
        raise ProblemFound(503, "engine_silent", RETRY_AFTER) from None
    words = words_for(request, services)
    return Results(results=[_result(record, outcomes[n], words) for n, record in enumerate(records)])


def _outside(request: Request) -> Outside:
    return cast("Outside", request.app.state.outside)


def _result(record: Mapping[str, str], outcome: Outcome, words: Words) -> Result:
    message = refusal(outcome.code, outcome.context, words.language) if outcome.code else ""
    return Result(id=record.get("id", ""), outcome=outcome.what, code=outcome.code, message=message)
