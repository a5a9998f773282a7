"""The way in for other programs: contacts, and facts of customers, as JSON.

A small application of its own under /api: a key instead of a session, JSON instead of pages, and its own description.
"""

from fastapi import FastAPI

from activities.intake.customers import CustomerService
from activities.intake.external_facts import Outside
from web.api import contacts as api_contacts
from web.api import customer_facts
from web.api.auth import guard, too_large
from web.shell.services import Services

__all__ = ["create_api", "too_large"]


def create_api(services: Services) -> FastAPI:
    """Return the application under /api."""
    api = FastAPI(
        title="Statuskette",
        summary="Contacts, and facts of customers, that come from other systems",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    api.state.services = services
    api.state.outside = Outside(services.database, CustomerService(services.database), services.gateway)
    api.state.names = {"body", "path", *customer_facts.NAMES, *api_contacts.NAMES}
    guard(api)
    for part in (api_contacts, customer_facts):
        api.include_router(part.router)
    return api
