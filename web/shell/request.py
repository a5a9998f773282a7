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
    "answer": N_("Answer accepted. The customer gets it as a mail."),
    "call": N_("Call logged."),
    "callback": N_("Call-back request taken down. The ticket is open again."),
    "followup": N_("Follow-up set."),
    "note": N_("Note kept."),
    "reassign": N_("Reassigned."),
    "pause": N_("Paused. The clock stands still."),
    "resume": N_("The clock runs again."),
    "close": N_("Closed."),
    "done": N_("Phase done. The next one has begun."),
    "milestone": N_("Milestone kept."),
    "partner": N_("Partner kept."),
    "skip": N_("Phase skipped. The next one has begun."),
    "back": N_("Stepped back."),
    "welcome": N_("The customer is welcomed; the mail is on its way."),
    "welcome_call": N_("The customer is welcomed."),
    "objection": N_("Objection taken down. It is an open point until it is treated."),
    "draft": N_("Draft saved."),
    "submit": N_("Handed over. The other side hears of it."),
    "accept": N_("Accepted. The ticket is yours now, and the next phase has begun."),
    "reject": N_("Given back. Who handed over hears of it."),
    "override": N_("Opened without the check. The next phase has begun."),
    "settle": N_("Settled."),
    "assign": N_("The open point has its owner and its deadline."),
    "settings": N_("Settings saved."),
    "kept": N_("Saved."),
    "unscheduled": N_(
        "Saved. The engine does not answer, so the lists still go out at their old times; "
        "save again later, or run setup."
    ),
    "absence": N_("The absence is entered."),
    "absence_over": N_("The absence is over from now on."),
    "absence_deleted": N_("The absence is deleted."),
    "import_queued": N_("The file is kept. It is queued and begins within moments."),
    "key_revoked": N_("The key is revoked. Nothing is taken under it any more."),
    "webhook_off": N_("Switched off. Nothing is sent any more; what waits is kept."),
    "webhook_on": N_("Switched on. What waits is sent now."),
    "webhook_test": N_("The test is on its way. Reload to see what became of it."),
    "webhook_again": N_("It is sent again. Reload to see what became of it."),
    "snippet_kept": N_("Saved. It is found from now on."),
    "snippet_retired": N_("Retired. It is not found any more."),
    "snippet_back": N_("It is found again."),
    "mail_seen": N_("Seen. It is counted no more."),
    "mails_seen": N_("All are seen. They are counted no more."),
    "signed_out": N_("You are signed out."),
    "contact_kept": N_("Contact data saved."),
    "merged": N_("Merged. It can be undone below, at any time."),
    "merge_undone": N_("The merge is undone. Everything is as it was."),
    "customer.registered": N_("Customer registered."),
    "customer.queued": N_("Customer registered. It is queued and its clock starts within moments."),
    "customer.seen": N_("Seen. Worked off for this week."),
    "customer.observe": N_("The customer is observed further."),
    "customer.prio": N_("A priority customer from now on."),
    "customer.noprio": N_("No priority customer any more."),
    "customer.watch": N_("On the watchlist."),
    "customer.unwatch": N_("Off the watchlist."),
    "customer.appointment": N_("Phone appointment kept. Sales takes over."),
    "customer.offer": N_("Offer kept."),
    "customer.invited": N_("Invitation kept."),
    "customer.resume": N_("The clock runs again."),
    "customer.remind": N_("Reminder set. Worked off until then."),
    "customer.contact": N_("Mail accepted. The customer gets it."),
    "customer.call": N_("Call logged."),
    "customer.ask": N_("Question and deadline kept."),
    "customer.task_assigned": N_("Assignment kept."),
    "customer.package": N_("Booking kept."),
    "customer.task": N_("Task kept. It waits to be assigned."),
    "customer.tag": N_("Class kept."),
    "customer.note": N_("Note kept."),
    "customer.reassign": N_("Given to a colleague."),
    "customer.close": N_("The life cycle has ended."),
    "customer.check": N_("Check kept."),
}
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
        flash = FLASHES.get(self.request.cookies.get(FLASH_COOKIE, ""), "")
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
