"""Composes the web form. The only file that knows all of its parts."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import BaseRoute

from activities.intake.customers import CustomerService
from activities.intake.tickets import TicketService
from activities.operation import checkup
from models.database import Database
from settings import Settings
from web import menu
from web.admin import api_keys, audit, notice_locks, webhooks
from web.admin import people as admin_people
from web.admin import sites as admin_sites
from web.api import app as api
from web.customers import contacts, merging, register, week
from web.customers import list as customers
from web.customers import routes as customer_card
from web.gates import record_routes
from web.gates import routes as gates
from web.intake import callers, imports, mail_health, public_form, quarantine, staff_form
from web.knowledge import routes as knowledge
from web.live import stream as live
from web.me import absences, calendar_feed, popups, preferences
from web.reports import channels, quiet
from web.shell import errors as mishaps
from web.shell import sign_in
from web.shell.csrf import BODY_LIMIT, refuse_forgery
from web.shell.passwords import Attempts, Passwords
from web.shell.request import FLASHES
from web.shell.security_headers import Hardening
from web.shell.services import Services, WithServices
from web.shell.signed_token import Seal
from web.shell.translations import read_words
from web.tickets import files, lists, mails, points, redistribution
from web.tickets import routes as tickets
from workflows.gateway import Gateway

_STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent.parent / "templates" / "web"


_PARTS = (
    sign_in,
    lists,
    staff_form,
    gates,
    files,
    record_routes,
    points,
    tickets,
    preferences,
    popups,
    live,
    calendar_feed,
    mails,
    quarantine,
    customers,
    week,
    register,
    contacts,
    merging,
    customer_card,
    imports,
    callers,
    knowledge,
    absences,
    redistribution,
    quiet,
    channels,
    admin_people,
    admin_sites,
    notice_locks,
    api_keys,
    webhooks,
    audit,
    public_form,
)
"""Every page; the first route that fits answers, so what is named goes before what is numbered."""


def create_app(
    settings: Settings,
    database: Database,
    gateway: Gateway,
    ticket_service: TicketService,
    clock: Callable[[], datetime],
    *,
    passwords: Passwords | None = None,
) -> FastAPI:
    """Return the web form; `clock` is its only source of "now"."""
    app = FastAPI(title="Statuskette", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = Services(
        settings=settings,
        database=database,
        gateway=gateway,
        ticket_service=ticket_service,
        customer_service=CustomerService(database),
        clock=clock,
        words=read_words(),
        templates=_templates(),
        passwords=passwords or Passwords(),
        attempts=Attempts(),
        seal=Seal(database),
        flashes=flashes(),
        around=menu.around,
    )
    app.state.live = live.Live(app.state.services)
    app.state.feed_requests = Attempts(calendar_feed.TRIES, calendar_feed.MINUTES)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_api_route("/health", _health, methods=["GET"])
    app.state.contact_throttle = public_form.Throttle()
    app.router.routes.extend(_pages())
    app.mount("/api", api.create_api(app.state.services))
    mishaps.register(app)
    app.add_middleware(Hardening, limit=BODY_LIMIT, too_large=_too_large)
    return app


async def _too_large(request: Request) -> Response:
    """Answer who sent more than anybody may send: programs in JSON, people with a page."""
    if request.url.path.startswith("/api/"):
        return await api.too_large(request, request.app.state.services)
    return await mishaps.too_large(request)


def flashes() -> dict[str, str]:
    """Return what every part says after something was done."""
    told: dict[str, str] = dict(FLASHES)
    for part in _PARTS:
        told |= getattr(part, "FLASHES", {})
    return told


@cache
def _pages() -> Sequence[BaseRoute]:
    """Return the routes of all pages: they know no application, so that every one may have the same."""
    router = APIRouter()
    for part in _PARTS:
        router.include_router(part.router, dependencies=[Depends(refuse_forgery)])
    return router.routes


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _health(services: WithServices) -> Response:
    """Say what stands still, by code; 503 only where nothing can be answered. For whoever watches the process."""
    try:
        with services.database.reading() as session:
            troubles = mail_health.troubles(session, services.clock())
    except SQLAlchemyError:
        return JSONResponse({"status": "database does not answer"}, status_code=503)
    found = checkup.quick(services.database, services.clock())
    told = [{"code": each.code, "count": each.count, "since": each.since and each.since.isoformat()} for each in found]
    return JSONResponse(
        {
            "status": _status(found),
            **({"findings": told} if told else {}),
            **({"mail_in": troubles} if troubles else {}),
        }
    )


def _status(found: Sequence[checkup.Finding]) -> str:
    if any(each.severity is checkup.Severity.STANDSTILL for each in found):
        return "standstill"
    return "warning" if found else "ok"
