"""One request of one person: who they are, in which language they read, and how a page is made for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from domain.process.roles import Role
from models.tables import PersonRow
from web.shell.services import Services, WithServices
from web.shell.sessions import Signed, set_cookie, signed
from web.shell.translations import N_, Words, preferred

FLASH_COOKIE = "statuskette-flash"
FLASHES = {
    "opened": N_("Ticket opened."),
    "queued": N_("Ticket opened. It is queued and its clock starts within moments."),
    "settings": N_("Settings saved."),
    "kept": N_("Saved."),
}
"""What is said after something was done, where several pages say the same."""
CONTROLLERS = frozenset({Role.CONTROLLER, Role.SENIOR_CONTROLLER})
DISTRIBUTORS = frozenset({Role.DISPATCHER, Role.POOL})
OVERSEERS = CONTROLLERS | {Role.DISPATCHER}
ADMINS = frozenset({Role.ADMIN})
REDISTRIBUTORS = OVERSEERS | ADMINS
MERGERS = CONTROLLERS | {Role.CASE_HANDLER}


class Forbidden(Exception):
    """The page is for people in other roles."""


@dataclass(frozen=True)
class Visit:
    """A request of somebody who is signed in."""

    request: Request
    services: Services
    signed: Signed

    @property
    def person(self) -> PersonRow:
        """Who is asking."""
        return self.signed.person

    @property
    def words(self) -> Words:
        """The words of their language."""
        return self.services.words.get(self.person.language) or self.services.words["de"]

    @property
    def now(self) -> datetime:
        """The instant the page is made for."""
        return self.services.clock()

    def plays(self, roles: frozenset[Role]) -> bool:
        """Whether the person has one of these roles."""
        return bool(roles & set(self.person.roles))

    def demand(self, roles: frozenset[Role]) -> None:
        """Raise Forbidden unless the person has one of these roles."""
        if not self.plays(roles):
            raise Forbidden

    def render(self, template: str, status: int = 200, **context: object) -> Response:
        """Make a page, with the menu, what pops up, and the message of the last action."""
        flash = self.services.flashes.get(self.request.cookies.get(FLASH_COOKIE, ""), "")
        response = render(
            self.services,
            self.request,
            self.words,
            template,
            status,
            person=self.person,
            csrf=self.signed.csrf,
            **self.services.around(self),
            flash=flash,
            **context,
        )
        if flash:
            response.delete_cookie(FLASH_COOKIE, path="/")
        return response

    def redirect(self, path: str, flash: str = "") -> Response:
        """Send the browser on after something was accepted."""
        response = RedirectResponse(path, status_code=303)
        if flash:
            set_cookie(self.services, response, FLASH_COOKIE, flash, timedelta(minutes=1))
        return response


def visit(request: Request, services: WithServices, found: Annotated[Signed, Depends(signed)]) -> Visit:
    """Begin the visit of somebody who is signed in."""
    return Visit(request, services, found)


Visitor = Annotated[Visit, Depends(visit)]


def render(
    services: Services, request: Request, words: Words, template: str, status: int = 200, **context: object
) -> Response:
    """Make a page in a language; everything that is written into it is escaped."""
    page = services.templates.get_template(template).render(
        _=words,
        ngettext=words.plural,
        lang=words.language,
        now=services.clock(),
        path=request.url.path,
        **context,
    )
    return HTMLResponse(page, status_code=status)


def words_for(request: Request, services: Services) -> Words:
    """Return the words for somebody who may not be signed in."""
    asked = getattr(request.state, "language", None) or preferred(request.headers.get("accept-language", ""))
    return services.words.get(asked) or services.words["de"]


def fresh_id() -> str:
    """Return a new id for a form; the web is the edge at which ids are drawn."""
    return str(uuid4())
