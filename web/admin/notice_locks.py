"""The administration of notice locks: which switches people have, and which are decided for them (reading 19)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session, select

from activities.ledger.context import digests_of, process_of
from domain.process.definition import MomentRule, Verb
from models.tables import Channel, NoticeLockRow, SiteRow
from web.shell import directory, lost_updates
from web.shell.audit_log import LOCK, record
from web.shell.csrf import Sent
from web.shell.forms import Sheet
from web.shell.request import ADMINS, Visit, Visitor
from web.shell.translations import N_

router = APIRouter()

FREE, ON, OFF = "free", "on", "off"
STATES = {FREE: N_("everybody chooses"), ON: N_("always on"), OFF: N_("always off")}
_CHANNELS = {Verb.MAIL: Channel.MAIL, Verb.POP_UP: Channel.POP_UP}


@dataclass(frozen=True)
class Lock:
    """One kind of notice through one channel, and what is decided about it."""

    kind: str
    title: str
    channel: str
    state: str

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"{self.kind}:{self.channel}"


@router.get("/admin/locks")
def locks(visit: Visitor) -> Response:
    """Show what is decided."""
    visit.demand(ADMINS)
    with visit.services.database.reading() as session:
        seen = lost_updates.newest(session, LOCK)
    return _show(visit, Sheet({lost_updates.SEEN: seen}))


@router.post("/admin/locks")
def change(visit: Visitor, form: Sent) -> Response:
    """Decide; a kind that the form does not name stays as it is."""
    visit.demand(ADMINS)
    sheet = Sheet.of(form)
    with visit.services.database.writing() as session:
        _alone(session)
        every = list(_locks(session, visit.words.language))
        wanted = {lock: sheet.choice(lock.name, STATES) for lock in every if lock.name in sheet.typed}
        if not sheet.problems and any(lock.state != state for lock, state in wanted.items()):
            lost_updates.check(session, visit, sheet, LOCK, "", {lock.name: lock.state for lock in every}, dict)
        if not sheet.is_refused:
            for lock, state in wanted.items():
                _set(session, lock, state)
                record(session, visit, LOCK, lock.name, {"state": lock.state}, {"state": state})
    if sheet.is_refused:
        return _show(visit, sheet, sheet.status)
    return visit.redirect("/admin/locks", "kept")


def _alone(session: Session) -> None:
    """Have locks written one after the other: most have no row yet that could be held."""
    session.exec(select(SiteRow.key).order_by(SiteRow.key).with_for_update(key_share=True)).all()


def _set(session: Session, lock: Lock, state: str) -> None:
    row = session.get(NoticeLockRow, (lock.kind, lock.channel))
    if state != FREE:
        session.merge(NoticeLockRow(kind=lock.kind, channel=lock.channel, on=state == ON))
    elif row is not None:
        session.delete(row)


def _show(visit: Visit, sheet: Sheet, status: int = 200) -> Response:
    with visit.services.database.reading() as session:
        every = list(_locks(session, visit.words.language))
    kinds: dict[str, list[Lock]] = {}
    for lock in every:
        kinds.setdefault(lock.kind, []).append(lock)
    return visit.render("admin/locks.html", status, kinds=kinds, sheet=sheet, states=STATES)


def _locks(session: Session, language: str) -> Iterator[Lock]:
    """Yield what people may switch, and what is locked although nothing sends it any more."""
    rows = {(row.kind, row.channel): row.on for row in session.exec(select(NoticeLockRow)).all()}
    titles = dict(_switchable(session, language))
    for kind, channel in dict.fromkeys([*titles, *sorted(rows)]):
        state = {None: FREE, True: ON, False: OFF}[rows.get((kind, channel))]
        yield Lock(kind, titles.get((kind, channel), ""), channel, state)


def _switchable(session: Session, language: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield kind and channel with a title: moments of the newest definitions, then the lists of all sites."""
    for row in directory.definitions(session):
        for rule in process_of(session, row.id).moments:
            yield from (((rule.code, channel), rule.title[language]) for channel in _ways(rule))
    for site in session.exec(select(SiteRow.key).order_by(SiteRow.key)).all():
        for digest in digests_of(session, site):
            if digest.optional:
                yield (digest.code, Channel.MAIL), digest.title[language]


def _ways(rule: MomentRule) -> list[Channel]:
    if rule.optional is None:
        return []
    return list(dict.fromkeys(_CHANNELS[action.verb] for action in rule.does if action.verb in _CHANNELS))
