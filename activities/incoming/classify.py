"""What becomes of a message: pure, from what it says and what the ledger knows. Nothing automatic opens a ticket."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from activities.incoming.message import Incoming, Sender

_DIGITS = 9
_MARK = re.compile(rf"\[#(\d{{1,{_DIGITS}}})\]")
_SYSTEMS = frozenset({"mailer-daemon", "mailerdaemon", "mail-daemon", "mdaemon"})
_AWAY = re.compile(
    r"\b(out of (the )?office|auto(matic)?[- ]?(reply|response)|abwesen(d|heit)|nicht im (büro|haus)|im urlaub"
    r"|automatische antwort|on (vacation|holiday|leave)|abwesenheitsnotiz)\b|^\s*ooo\b",
    re.IGNORECASE,
)
_NOBODYS = ("noreply", "donotreply", "nichtantworten", "keineantwort")
"""How addresses begin at which nobody reads, without what is no letter."""
_BULK = frozenset({"bulk", "junk", "list"})


class Fate(StrEnum):
    """What becomes of a message. NOTE: a colleague wrote about a ticket; that is no customer's word."""

    NEW = "new"
    REPLY = "reply"
    NOTE = "note"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LOOP = "loop"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Ours:
    """How our own mails are known: the address that we write from and are written to, and how many are too many."""

    address: str
    domain: str
    most_per_hour: int = 30

    def wrote(self, message_id: str) -> bool:
        """Whether a message id has the shape of ours: other people of our domain use the same domain."""
        return re.fullmatch(rf"<[0-9a-f]{{32}}@{re.escape(self.domain)}>", message_id, re.IGNORECASE) is not None

    def is_us(self, address: str) -> bool:
        """Whether an address is ours, with or without a ticket's number in it."""
        local, _, domain = address.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" == self.address.lower()

    def answered(self, message: Incoming) -> Incoming:
        """Return a message without a Reply-To that leads back to us: our own address is nobody to answer."""
        return replace(message, reply_to=Sender()) if self.is_us(message.reply_to.address) else message


@dataclass(frozen=True)
class Known:
    """What the ledger knows about a message.

    `taken`: it was taken before. `recent`: how many its writer wrote in the last hour, `sent`: how many its sender
    sent, a portal for example. `thread`: the ticket of a mail it names by an id nobody could guess; `named`: the ticket
    it names by number, if there is such a one, and whether its sender `may_speak` there: the ticket's customer, or the
    staff.
    """

    taken: bool = False
    recent: int = 0
    sent: int = 0
    thread: int | None = None
    named: int | None = None
    may_speak: bool = False
    is_staff: bool = False


@dataclass(frozen=True)
class Verdict:
    """A message's fate: the ticket it belongs to, or the one it only claims to be about; `why` names the rule.

    Where it is `quiet`, no machine of ours answers it.
    """

    fate: Fate
    why: str
    ticket: int | None = None
    claims: int | None = None
    quiet: bool = False


def judged(message: Incoming, ours: Ours, known: Known) -> Verdict:
    """Return what becomes of a message; the first rule that fits decides."""
    ticket = known.thread or (known.named if known.may_speak else None)
    if message.unreadable:
        return Verdict(Fate.UNREADABLE, message.unreadable)
    if known.taken:
        return Verdict(Fate.DUPLICATE, "taken_before")
    if why := bounces(message):
        return Verdict(Fate.BOUNCE, why, ticket)
    if why := echoes(message, ours):
        return Verdict(Fate.LOOP, why)
    why = answers_by_itself(message)
    if why and (ticket is not None or not sent_for_somebody(message)):
        return Verdict(Fate.AUTO_REPLY, why, ticket)
    if "<>" in message.signs.get("return-path", ""):
        return Verdict(Fate.BOUNCE, "null_return_path", ticket)
    if known.recent >= ours.most_per_hour:
        return Verdict(Fate.LOOP, "too_many")
    return _of_a_person(message, ours, known, ticket)


def _of_a_person(message: Incoming, ours: Ours, known: Known, ticket: int | None) -> Verdict:
    """Return what becomes of what a person wrote.

    Two programs that answer each other under ever new addresses fall silent when one of us does: hence the quiet.
    """
    if ticket is not None and known.is_staff:
        return Verdict(Fate.NOTE, "staff", ticket)
    if ticket is not None:
        return Verdict(Fate.REPLY, "thread" if known.thread else "number", ticket)
    passed_on = sent_for_somebody(message)
    why = "forged" if known.named else "for_somebody" if passed_on else "fresh"
    quiet = passed_on or known.named is not None or known.sent >= ours.most_per_hour
    return Verdict(Fate.NEW, why, claims=known.named, quiet=quiet)


def bounces(message: Incoming) -> str:
    """Return the sign that a mail system reports about a mail; empty for none. It goes before all other signs."""
    if message.kind == "multipart/report" and message.report == "delivery-status":
        return "delivery_report"
    if message.kind == "message/delivery-status" or "x-failed-recipients" in message.signs:
        return "delivery_report"
    if message.sender.address.partition("@")[0].lower() in _SYSTEMS:
        return "mailer_daemon"
    return ""


def echoes(message: Incoming, ours: Ours) -> str:
    """Return the sign that we wrote it ourselves; empty for none."""
    if "x-statuskette-ticket" in message.signs or "statuskette" in message.signs.get("x-loop", "").lower():
        return "own_header"
    if ours.wrote(message.message_id):
        return "own_message_id"
    return "own_address" if ours.is_us(message.sender.address) else ""


def answers_by_itself(message: Incoming) -> str:
    """Return the sign that no person wrote it (RFC 3834); a weak sign, like a subject, counts only with another."""
    signs = message.signs
    if _submitted(message) not in ("no", ""):
        return "auto_submitted"
    if message.kind == "multipart/report":
        return "report"
    for sign in ("x-autoreply", "x-autorespond", "x-autoresponder"):
        if signs.get(sign, "no").strip().lower() not in ("no", "false", ""):
            return sign.replace("-", "_")
    precedence = signs.get("precedence", "").strip().lower()
    if precedence in ("auto_reply", "auto-reply"):
        return "precedence"
    if precedence in _BULK and "list-id" in signs:
        return "list"
    away, nobody = _AWAY.search(message.subject) is not None, "<>" in signs.get("return-path", "")
    weak = [precedence in _BULK, away, nobody, message.wants_no_automatic_answer]
    return "weak_signs" if sum(weak) > 1 else ""


def sent_for_somebody(message: Incoming) -> bool:
    """Whether a machine passes on what a person wrote, as portals do: made by it, and to be answered to somebody else.

    Reply-To names that person; a machine's own answer (auto-replied) is never one.
    """
    person = message.reply_to.address.lower()
    local = re.sub(r"[^a-z]", "", person.partition("@")[0])
    return (
        _submitted(message) == "auto-generated"
        and person not in ("", message.sender.address.lower())
        and not local.startswith(_NOBODYS)
    )


def _submitted(message: Incoming) -> str:
    return message.signs.get("auto-submitted", "no").partition(";")[0].strip().lower()


def numbers_named(message: Incoming, ours: Ours) -> tuple[int, ...]:
    """Return the tickets a message names by number: our address with a plus, our reminders' thread, the subject.

    Anybody can guess a number, so whoever names it must be somebody who may speak there.
    """
    local, _, domain = ours.address.partition("@")
    plus = re.compile(rf"{re.escape(local)}\+(\d{{1,{_DIGITS}}})@{re.escape(domain)}", re.IGNORECASE)
    thread = re.compile(rf"<ticket-(\d{{1,{_DIGITS}}})@{re.escape(ours.domain)}>", re.IGNORECASE)
    found = [match[1] for address in message.recipients if (match := plus.fullmatch(address))]
    found += [match[1] for named in message.references if (match := thread.fullmatch(named))]
    return tuple(dict.fromkeys(int(number) for number in [*found, *_MARK.findall(message.subject)]))
