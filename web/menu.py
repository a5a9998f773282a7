"""What stands around every page: the menu with its counts, what keeps promises from being kept, and what pops up."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from activities.ledger.context import calendar_of
from activities.operation import checkup
from web.admin import webhook_health
from web.commands import queries
from web.intake import mail_health
from web.intake.unseen import unseen_count
from web.me.popups import pop_ups
from web.shell.request import ADMINS, CONTROLLERS, DISTRIBUTORS, OVERSEERS, REDISTRIBUTORS, Visit


def around(visit: Visit) -> dict[str, object]:
    """Return what a page shows besides its own content, for the roles of whoever asks for it."""
    oversees = visit.plays(REDISTRIBUTORS)
    with visit.services.database.reading() as session:
        return {
            "menu": _menu(session, visit),
            "warnings": _warnings(session, visit) if oversees else [],
            "standstill": _standstill(session, visit) if oversees else [],
            "popups": pop_ups(session, visit.person.short, visit.words.language),
        }


def _menu(session: Session, visit: Visit) -> dict[str, object]:
    """Return which entries there are, and how much waits behind each."""
    controls, distributes, administers = map(visit.plays, (CONTROLLERS, DISTRIBUTORS, ADMINS))
    oversees = visit.plays(REDISTRIBUTORS)
    return {
        "escalated": queries.escalated_count(session, visit.person.short) if controls else None,
        "pool": queries.pool_count(session) if distributes else None,
        "all": visit.plays(OVERSEERS),
        "quiet": controls,
        "mails_in": unseen_count(session, visit.person.site) if oversees else None,
        "admin": administers,
        "webhooks": webhook_health.troubled(session, visit.now) if administers else 0,
        "imports": oversees,
    }


def _warnings(session: Session, visit: Visit) -> list[str]:
    return mail_health.warnings(session, visit.person.site, visit.now, visit.words)


def _standstill(session: Session, visit: Visit) -> list[str]:
    """Return in sentences what keeps promises from being kept; mail in has its own."""
    found = [each for each in checkup.quick(visit.services.database, visit.now) if each.code in _STANDSTILL]
    zone = calendar_of(session, visit.person.site).zone if found else ZoneInfo("UTC")
    return [checkup.sentence(each, visit.words.language, zone) for each in found]


_STANDSTILL = {"no_worker", "sweep_late", "moments_late", "mails_waiting"}
