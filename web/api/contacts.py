"""Contacts from other programs: each becomes one ticket, however often it is sent (SL-04).

Repeating is safe by the header Idempotency-Key, as in the IETF's draft of that name.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Header, Path, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StrictInt, Tag, model_validator

from activities.intake.contacts import (
    Contact,
    OtherContent,
    Sending,
    Taken,
    UnderWay,
    fingerprint,
    give_back,
    reserve,
    take,
    ticket_of,
)
from activities.intake.tickets import NewTicket
from domain.customers.external_facts import LONGEST_KEY
from domain.text.legible import LONGEST_LINE, LONGEST_TEXT
from domain.ticket.facts import Refused
from models.tables import ApiKeyRow
from web.api.auth import ProblemFound, key_of, keyed_router, problems, whole
from web.shell.forms import plain
from web.shell.request import words_for
from web.shell.services import Services, WithServices
from web.shell.translations import N_, Words
from workflows.gateway import Unavailable

LONGEST_CATEGORY = 64
LARGEST_NUMBER = 2**31 - 1
ASK_AGAIN = 5
"""Seconds after which it is worth asking again for what is under way."""
SAID = N_("They say of themselves: %(said)s")
NAMES = ("contacts", "subject", "text", "customer", "category", "channel", "number", "key", "name", "email", "phone")
"""What a problem may name as the place where it is."""

_HIDDEN = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""What `domain.text.legible` does not let into a line, as a class of a pattern."""
LINE = rf"^[^{_HIDDEN}]*[^\s{_HIDDEN}][^{_HIDDEN}]*$"
# What a description can say of an address; the pages know more of it (domain.customers.mail_address).
_EMAIL = rf'^[^@\s<>,;"{_HIDDEN}]+@[^@\s<>,;"{_HIDDEN}]+\.[^@\s<>,;".{_HIDDEN}]+$'
_PHONE = r"^\+?[0-9 ()/.\-]{3,40}$"
_KEY = r'^("[!#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$'

Line = Annotated[str, Field(max_length=LONGEST_LINE, pattern=LINE)]
Number = Annotated[StrictInt, Field(ge=1, le=LARGEST_NUMBER), BeforeValidator(whole)]
Channel = Literal["api", "web", "mail", "phone", "fax", "letter"]


class OfNumber(BaseModel):
    """A customer by our number."""

    model_config = ConfigDict(extra="forbid")
    number: Number = Field(description="Our customer number.", examples=[7])


class OfKey(BaseModel):
    """A customer by what your program calls them; it has reported them as a customer fact before."""

    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, Field(max_length=LONGEST_KEY, pattern=LINE)] = Field(examples=["k-1"])


class ByAddress(BaseModel):
    """Somebody by how they are reached: a mail address, a telephone number, or both.

    Whoever is known at that address keeps their name and number as they are with us.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"anyOf": [{"required": ["email"]}, {"required": ["phone"]}]}
    )
    name: Line = Field(examples=["Kim Kunde"])
    email: Annotated[str, Field(max_length=LONGEST_LINE, pattern=_EMAIL, examples=["kim@kunde.example"])] = ""
    phone: Annotated[str, Field(max_length=41, pattern=_PHONE, examples=["+49 89 123456"])] = ""

    @model_validator(mode="after")
    def _reachable(self) -> "ByAddress":
        if not self.email and not self.phone:
            raise ValueError("email or phone is needed")
        return self


def _which(said: Any) -> str:
    """Return which of the three ways a customer is named in; `said` is what was sent, or what was read."""
    names = said if isinstance(said, dict) else getattr(type(said), "model_fields", {})
    return next((name for name in ("number", "key") if name in names), "name")


Customer = Annotated[
    Annotated[OfNumber, Tag("number")] | Annotated[OfKey, Tag("key")] | Annotated[ByAddress, Tag("name")],
    Discriminator(_which),
]


class NewContact(BaseModel):
    """Somebody turned to us: who, and what about."""

    model_config = ConfigDict(extra="forbid")
    subject: Line = Field(examples=["Kombi gesucht"])
    text: str = Field("", max_length=LONGEST_TEXT, description="Control characters are dropped.")
    customer: Customer
    category: Annotated[str, Field(max_length=LONGEST_CATEGORY, pattern=LINE)] = Field(
        "", description="What it is about, as the site's service catalogue calls it.", examples=["order"]
    )
    channel: Channel = Field("api", description="How it reached you.")


class Promise(BaseModel):
    """The ticket that a contact became."""

    number: int = Field(description="The ticket's number.", examples=[17])
    received_at: datetime = Field(description="When its clock began, UTC.", examples=["2027-03-02T13:20:00Z"])
    due_at: datetime | None = Field(
        description="By when we have to be back: the first instant at which it is overdue, UTC. Null: no promise.",
        examples=["2027-03-02T15:20:00Z"],
    )


class Standing(Promise):
    """How a ticket stands now; `due_at` is null while nobody waits for us."""

    status: Literal["open", "in_progress", "closed"]


Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=_KEY,
        max_length=257,
        description="Your own id of this contact. Under the same key the same contact is the same ticket.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]
router = keyed_router()


@router.post(
    "/contacts",
    status_code=201,
    summary="Have a contact become a ticket",
    responses=problems(400, 404, 409)
    | {201: {"headers": {"Location": {"description": "Where its standing is read.", "schema": {"type": "string"}}}}},
)
async def open_contact(
    request: Request, response: Response, services: WithServices, body: NewContact, idempotency_key: Key
) -> Promise:
    """Open a ticket; under the same Idempotency-Key the same contact gets the same answer again.

    After 409, 503 and a broken connection the same may be sent again: one ticket comes of it.
    """
    key = key_of(request)
    sending = Sending(key.key_hash, idempotency_key.strip('"'), fingerprint(body.model_dump_json()))
    contact = _contact(body, key, services, words_for(request, services))
    taken = await asyncio.to_thread(_take, services, sending, contact)
    if taken.start is not None:
        with suppress(Unavailable):  # it is kept; the sweep starts it
            await services.gateway.start(taken.start)
    response.headers["Location"] = f"{request.scope['root_path']}/contacts/{taken.number}"
    return Promise(number=taken.number, received_at=taken.received_at, due_at=taken.due_at)


@router.get("/contacts/{number}", summary="How a ticket stands", responses=problems(404))
def standing(
    request: Request, services: WithServices, number: Annotated[int, Path(ge=1, le=LARGEST_NUMBER, examples=[17])]
) -> Standing:
    """Return how a ticket stands that was opened with this key; others are not there."""
    with services.database.reading() as session:
        row = ticket_of(session, key_of(request).key_hash, number)
    if row is None:
        raise ProblemFound(404, "ticket_unknown")
    return Standing(number=number, received_at=row.received_at, due_at=row.due_at, status=row.status)  # type: ignore[arg-type]


def _take(services: Services, sending: Sending, contact: Contact) -> Taken:
    """Reserve the key, then open the ticket; a refusal gives the key back."""
    at = services.clock()
    try:
        return reserve(services.database, sending, at) or take(services.database, sending, contact, at)
    except OtherContent:
        raise ProblemFound(422, "key_reused") from None
    except UnderWay:
        raise ProblemFound(409, "under_way", ASK_AGAIN) from None
    except Refused as refused:
        give_back(services.database, sending)
        if refused.code not in _NOBODY_KNOWS:
            raise
        raise ProblemFound(404, refused.code) from None


_NOBODY_KNOWS = {"customer_unknown", "category_unknown"}


def _contact(body: NewContact, key: ApiKeyRow, services: Services, words: Words) -> Contact:
    who = body.customer
    name = email = phone = ""
    if isinstance(who, ByAddress):
        name, email, phone = who.name.strip(), who.email, who.phone.strip()
    return Contact(
        NewTicket(
            process=services.settings.intake_process,
            site=key.site,
            subject=body.subject.strip(),
            body=plain(body.text).strip(),
            by=key.name,
            customer_id=who.number if isinstance(who, OfNumber) else None,
            customer_name=name,
            customer_email=email,
            customer_phone=phone,
            customer_language=words.language,
            channel=body.channel,
            category=body.category.strip(),
        ),
        key=who.key.strip() if isinstance(who, OfKey) else "",
        said=words(SAID, said=" · ".join(filter(None, (name, email, phone)))),
    )
