"""What every page is given.

Settings, the database, the way to the workflows, the clock, words and templates.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from jinja2 import Environment

from activities.intake.customers import CustomerService
from activities.intake.tickets import TicketService
from models.database import Database
from settings import Settings
from web.shell.passwords import Attempts, Passwords
from web.shell.signed_token import Seal
from web.shell.translations import Words
from workflows.gateway import Gateway


@dataclass(frozen=True)
class Services:
    """The web form's dependencies. `clock` is the only source of "now", and only for what is shown.

    `flashes` are what is said after something was done, by the name a redirect gives. `around` returns what stands
    around the page of a visit; each capability adds its part to it.
    """

    settings: Settings
    database: Database
    gateway: Gateway
    ticket_service: TicketService
    customer_service: CustomerService
    clock: Callable[[], datetime]
    words: Mapping[str, Words]
    templates: Environment
    passwords: Passwords
    attempts: Attempts
    seal: Seal
    flashes: Mapping[str, str]
    around: Callable[[Any], Mapping[str, object]]

    @property
    def https(self) -> bool:
        """Whether people reach us through TLS, so that cookies may insist on it."""
        return self.settings.base_url.startswith("https://")


def services_of(request: Request) -> Services:
    """Return what the application was composed of."""
    return cast("Services", request.app.state.services)


WithServices = Annotated[Services, Depends(services_of)]
