"""Lets a database grow within minutes to what it holds after years: a million notices and what goes with them.

Every grown row is a copy of one that the real code wrote, with keys, people and instants of its own.
"""

from datetime import UTC, datetime

from sqlalchemy import text

from bench.copying import FIRST, Copier, Grown, Size, one_of
from bench.patterns import write_patterns
from models.database import Database
from models.tables import (
    AbsenceRow,
    CustomerRow,
    DeliveryRow,
    EscalationRow,
    EventRow,
    ImportLineRow,
    IncomingRow,
    LifeRow,
    MailRow,
    NoticeRow,
    OutsideFactRow,
    SessionRow,
    TextRow,
    TicketRow,
)

LINES = 20_000
"""Of the file that is imported."""
STAFF = ("anna", "paul", "dora", "carl", "petra", "toni", "sonja", "ina")
WAITING = 5_000
"""So many deliveries wait for a webhook that does not answer."""


def grow(database: Database, notices: int) -> Grown:
    """Furnish a database and let it grow."""
    patterns, now = write_patterns(database), datetime.now(UTC).replace(microsecond=0)
    grown = Grown(database, patterns, Size(notices), now)
    with database.writing() as session:
        copier = Copier(session, grown)
        _people(copier, grown)
        _tickets(copier, grown)
        _history(copier, grown)
        _outside(copier, grown)
        copier.count_on()
    if not database.is_sqlite:  # as its autovacuum does; nobody analyses a SQLite file
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    return grown


def _people(copier: Copier, grown: Grown) -> None:
    customers = grown.size.notices // 50
    copier.copy(
        CustomerRow,
        customers,
        f"p.id = {grown.patterns.customer}",
        id=f"{FIRST} + i",
        name="'Kim Kunde ' || i",
        email="'k' || i || '@kunde.example'",
        same_email="'k' || i || '@kunde.example'",
        same_phone="'+4930' || (1000000 + i)",
        same_name="'kunde kim ' || i",
        key="'k-' || i",
    )
    away = {
        "person": one_of(STAFF, "i"),
        "since": copier.ago("90000 * (i + 2)"),
        "until": copier.ago("90000 * (i + 1)"),
    }
    copier.copy(AbsenceRow, 2_000, "p.id = (SELECT min(id) FROM absence)", id=f"{FIRST} + i", **away)
    signed = {"token_hash": "'token-' || i", "person": one_of(STAFF, "i"), "expires_at": copier.ago("-3600 - i")}
    copier.copy(SessionRow, 200, "p.token_hash = 'pattern'", **signed)


def _tickets(copier: Copier, grown: Grown) -> None:
    """Closed ones first, then those that are open now."""
    size, customers = grown.size, grown.size.notices // 50
    closed = size.tickets - size.open
    common = {"customer": f"{FIRST} + i % {customers}", "subject": "'Kombi gesucht, Nummer ' || i"}
    copier.copy(
        TicketRow,
        closed,
        f"p.number = {grown.patterns.closed}",
        number=f"{FIRST} + i",
        owner=one_of(STAFF, "i"),
        closed_at=copier.ago(f"300 * ({closed} - i)"),
        **common,
    )
    copier.copy(
        TicketRow,
        size.open,
        f"p.number = {grown.patterns.open}",
        number=f"{FIRST + closed} + i",
        owner=f"CASE WHEN i % 50 = 0 THEN NULL ELSE {one_of(STAFF, 'i')} END",
        light=one_of(("yellow", "green", "red", "escalated", "paused"), "i"),
        due_at=copier.ago("60 * (i % 2000) - 90000"),
        next_at=copier.ago("-3600 - 60 * (i % 2000)"),
        **common,
    )
    life = f"{FIRST + size.tickets} + i"
    living = {"number": life, "customer": f"{FIRST} + i", "owner": one_of(STAFF, "i")}
    copier.copy(TicketRow, customers // 2, f"p.number = {grown.patterns.life}", **living)
    copier.copy(LifeRow, customers // 2, f"p.ticket = {grown.patterns.life}", ticket=life, customer=f"{FIRST} + i")
    escalated = {"ticket": f"{FIRST + closed} + 5 * i", "since": copier.ago("60 * i")}
    who = {"person": "'carl'", "code": "'E2.1'"}
    copier.copy(EscalationRow, size.open // 10, "p.code = 'pattern'", **escalated, **who)


def _history(copier: Copier, grown: Grown) -> None:
    """What happened, was written, told and sent, in the order of time; of one old ticket very much."""
    _texts(copier, grown)
    _events(copier, grown)
    _mails(copier, grown)
    _notices(copier, grown)


def _texts(copier: Copier, grown: Grown) -> None:
    count = grown.size.notices // 4
    copier.copy(
        TextRow,
        count,
        "p.id = (SELECT min(id) FROM text)",
        id=f"{FIRST} + i",
        ticket=f"{FIRST} + (7919 * i) % {grown.size.tickets}",
        author="CASE WHEN i % 2 = 0 THEN 'anna' END",
        message_id="CASE WHEN i % 2 = 1 THEN '<t' || i || '@kunde.example>' ELSE '' END",
        written_at=copier.ago(f"120 * ({count} - i)"),
    )


def _events(copier: Copier, grown: Grown) -> None:
    """Every third is a moment, every twelfth an escalation."""
    at = copier.ago(f"30 * ({grown.size.notices} - i)")
    said = {
        "command": "CASE WHEN i % 3 > 0 THEN 'grown-' || i END",
        "moment": "CASE WHEN i % 3 = 0 THEN 'E2.1#' || i END",
        "code": "CASE WHEN i % 12 = 0 THEN 'E2.1' ELSE p.code END",
        "escalates": "i % 12 = 0",
        "n": "2 + i % 12",
        "at": at,
        "recorded_at": at,
    }
    noted = f"p.id = {grown.patterns.event}"
    copier.copy(EventRow, grown.size.notices, noted, id=f"{FIRST} + i", ticket=_ticket(grown), **said)
    old = {"id": f"{FIRST + grown.size.notices} + i", "ticket": str(grown.patterns.old)}
    copier.copy(EventRow, 1_000, noted, **old, **said)


def _ticket(grown: Grown) -> str:
    """Return the expression of a ticket: what happens to one happens at one time."""
    return f"{FIRST} + (i / 6) % {grown.size.tickets}"


def _notices(copier: Copier, grown: Grown) -> None:
    """Every fifth is a pop-up, the last of them not seen yet; the others went out two in a mail."""
    count, pattern = grown.size.notices, "p.id = (SELECT min(id) FROM notice WHERE channel = 'mail')"
    at, mail = copier.ago(f"30 * ({count} - i)"), f"{FIRST} + i / 2"
    unseen = f"WHEN i % 5 = 0 AND i > {count} - 1000 THEN 'sent'"
    copier.copy(
        NoticeRow,
        count,
        pattern,
        id=f"{FIRST} + i",
        key="'grown:' || i",
        ticket=_ticket(grown),
        mailbox=_mailbox("i / 2"),
        channel="CASE WHEN i % 5 = 0 THEN 'pop-up' ELSE 'mail' END",
        mail=f"CASE WHEN i % 5 > 0 THEN {mail} END",
        status=f"CASE {unseen} WHEN i % 5 = 0 THEN 'seen' WHEN i % 7 = 0 THEN 'withdrawn' ELSE 'sent' END",
        at=at,
    )
    old = {"id": f"{FIRST + count} + i", "key": "'old:' || i", "ticket": str(grown.patterns.old)}
    sent = {"mailbox": "'person:anna'", "mail": mail, "status": "'sent'", "at": at}
    copier.copy(NoticeRow, 1_000, pattern, **old, **sent)


def _mailbox(number: str) -> str:
    """Return the expression of a mailbox: a person's, or every tenth time a customer's."""
    customer = f"'customer:' || ({FIRST} + ({number}) % 5000)"
    return f"CASE WHEN ({number}) % 10 = 0 THEN {customer} ELSE 'person:' || {one_of(STAFF, number)} END"


def _mails(copier: Copier, grown: Grown) -> None:
    sent = copier.ago(f"60 * ({grown.size.mails} - i)")
    copier.copy(
        MailRow,
        grown.size.mails,
        f"p.id = {grown.patterns.mail}",
        id=f"{FIRST} + i",
        message_id="'<m' || i || '@statuskette.example>'",
        mailbox=_mailbox("i"),
        status="'sent'",
        claimed_at=sent,
        sent_at=sent,
    )


def _outside(copier: Copier, grown: Grown) -> None:
    """What came by mail, what other systems are told, what was imported."""
    size = grown.size
    copier.copy(
        IncomingRow,
        size.incoming,
        "p.id = (SELECT min(id) FROM incoming)",
        id=f"{FIRST} + i",
        place="'grown-' || i",
        message_id="'<in' || i || '@kunde.example>'",
        digest="'digest-' || i",
        sender="'k' || (i % 3000) || '@kunde.example'",
        received_at=copier.ago(f"150 * ({size.incoming} - i)"),
        ticket=f"CASE WHEN i % 10 > 0 THEN {FIRST} + i % {size.tickets} END",
        text=f"CASE WHEN i % 10 > 0 THEN {FIRST} + i END",
        fate="CASE WHEN i % 10 = 0 THEN 'bounce' ELSE 'reply' END",
        done="true",
        raw="NULL",
    )
    _deliveries(copier, grown)
    copier.copy(OutsideFactRow, size.notices // 10, "p.id = 'pattern'", id="'grown-' || i", taken="true")
    outcome = f"CASE WHEN i < {LINES} - 500 THEN 'taken' ELSE '' END"
    copier.copy(ImportLineRow, LINES, "p.line = 0", line="1 + i", outcome=outcome)


def _deliveries(copier: Copier, grown: Grown) -> None:
    """What one webhook took in a month, and what waits or was given up at one that does not answer."""
    size, pattern = grown.size, "p.id = (SELECT min(id) FROM delivery)"
    about = {"message": "'grown-' || i", "ticket": f"{FIRST} + (7919 * i) % {size.tickets}"}
    told = copier.ago(f"12 * ({size.incoming} - i)")
    sent = {"status": "'sent'", "webhook": "1", "at": told, "next_at": told, "until": told}
    copier.copy(DeliveryRow, size.incoming, pattern, id=f"{FIRST} + i", **about, **sent)
    waits = {"status": f"CASE WHEN i < {WAITING} THEN 'waiting' ELSE 'given up' END", "webhook": "2"}
    due = {"at": copier.ago("i"), "next_at": copier.ago("i"), "until": copier.ago("i - 259200")}
    copier.copy(DeliveryRow, 2 * WAITING, pattern, id=f"{FIRST + size.incoming} + i", **about, **waits, **due)
