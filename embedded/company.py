"""The demo company as data: who works there, who writes to it, and what happened before the demo began."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("company.toml")


@dataclass(frozen=True)
class Person:
    """Somebody of the staff; `switches` are personal choices, a kind of notice by mail on or off."""

    short: str
    name: str
    title: str
    roles: tuple[str, ...]
    offsets: Mapping[str, str] = field(default_factory=dict)
    switches: Mapping[str, bool] = field(default_factory=dict)
    sound: bool = False


@dataclass(frozen=True)
class Happening:
    """What happened to a ticket `ago` business hours before the demo, or right when it begins if `ago` is empty.

    Spans may be days or weeks as well, which are calendar days; what happens to customers is counted in those.
    `due_ago` and `due_in` say, in business hours, when something is or was due, or planned. `answers` are lines of the
    gate's checklist by item; an answer that is not there has a `reason` instead. `remarks` are by item, too.
    """

    did: str
    by: str
    ago: str = ""
    text: str = ""
    to: str = ""
    reason: str = ""
    due_ago: str = ""
    due_in: str = ""
    milestone: str = ""
    gate: str = ""
    point: str = ""
    size: int = 0
    task: str = ""
    tag: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Inquiry:
    """A ticket of the demo, received `ago` business hours before it begins, or right then if `ago` is empty."""

    name: str
    subject: str
    text: str
    ago: str = ""
    process: str = "anfrage"
    email: str = ""
    phone: str = ""
    owner: str | None = None
    channel: str = "mail"
    then: tuple[Happening, ...] = ()


@dataclass(frozen=True)
class Member(Inquiry):
    """A customer of the demo with a life cycle, registered `ago`; `text` is the note about them."""

    company: str = ""


@dataclass(frozen=True)
class Company:
    """All of it. `contacts` come in when the demo begins, with the service catalogue in force; the rest came before."""

    site: str
    name: str
    calendar: str
    password: str
    people: tuple[Person, ...]
    inquiries: tuple[Inquiry, ...]
    customers: tuple[Member, ...]
    contacts: tuple[Inquiry, ...]
    phone: str


@cache
def read_company() -> Company:
    """Return the demo company."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    people = tuple(Person(**_frozen(row)) for row in content.pop("people"))
    inquiries, customers = tuple(map(_inquiry, content.pop("inquiries"))), tuple(map(_member, content.pop("customers")))
    contacts = tuple(map(_inquiry, content.pop("contacts")))
    return Company(people=people, inquiries=inquiries, customers=customers, contacts=contacts, **content)


def _inquiry(row: dict[str, Any]) -> Inquiry:
    return Inquiry(then=_then(row), **row)


def _member(row: dict[str, Any]) -> Member:
    return Member(then=_then(row), subject=row["name"], process="customer", **{"text": "", **row})


def _then(row: dict[str, Any]) -> tuple[Happening, ...]:
    return tuple(Happening(**happening) for happening in row.pop("then", []))


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
