"""What travels through Temporal: ids, codes and instants. No words, no names beyond staff short names.

Every field added later has a default: tickets sleep for months and read what older builds wrote.
"""

from dataclasses import dataclass, field
from datetime import datetime, time

from domain.ticket.facts import Fact

LISTS = "list-"
"""How the ids of the lists' schedules begin."""
WEBHOOK = "webhook:"
"""How the outboxes of webhooks are called among the mailboxes that are woken ("webhook:3")."""


@dataclass(frozen=True)
class Due:
    """One entry of the agenda as the workflow needs it: when, which code, and a line for the operator."""

    at: datetime
    code: str
    summary: str


@dataclass(frozen=True)
class Standing:
    """How a ticket stands after what was recorded last; every surface for operators reads it."""

    version: int
    phase: str
    light: str
    owner: str
    level: int
    site: str
    closed: bool = False
    due_at: datetime | None = None
    agenda: list[Due] = field(default_factory=list)
    details: str = ""


@dataclass(frozen=True)
class TicketStart:
    """How a ticket's workflow begins or goes on: `recorded` is the number of the last entry in the ledger.

    `customer` is set for the one ticket that is this customer's life.
    """

    number: int
    recorded: int = 0
    standing: Standing | None = None
    customer: int | None = None


@dataclass(frozen=True)
class Command:
    """A fact somebody asks to be recorded. `id` makes it happen once; `version` is what the person had seen.

    A signal typed by hand may go without an id; its workflow then draws one.
    """

    fact: Fact
    by: str
    id: str = ""
    version: int | None = None
    text: int | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a command was not accepted: the rule's code, and what its sentence needs."""

    code: str
    context: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """What the ledger records as entry `n` of a ticket at workflow time `at`; without a command, what is due.

    Nobody waits for the answer to what was `told`, by a signal: its refusal is written down instead. `garbled` is why
    a signal could not even be read.
    """

    number: int
    n: int
    at: datetime
    command: Command | None = None
    told: bool = False
    garbled: Refusal | None = None


@dataclass(frozen=True)
class Recorded:
    """The ledger's answer: the standing, and the refusal if the command was not accepted."""

    standing: Standing
    refusal: Refusal | None = None


@dataclass(frozen=True)
class MailboxStart:
    """How a mailbox begins: whose it is ("person:anna", "customer:7") and how long it gathers what comes together.

    `mails_from` is when the mail server is asked again if it took nothing last. After `most_signals` the workflow
    begins anew: a server refuses signals to a run that had too many.
    """

    mailbox: str
    gather_seconds: float = 5.0
    mails_from: datetime | None = None
    most_signals: int = 1000


@dataclass(frozen=True)
class DeliverMailInput:
    """A request to deliver what a mailbox may deliver at workflow time `at`; mails not before `mails_from`."""

    mailbox: str
    at: datetime
    mails_from: datetime | None = None


@dataclass(frozen=True)
class DeliverMailResult:
    """What was delivered, and when the next waiting notice may go out; None when nothing waits.

    `problem` is what the mail server said last if it did not take a mail, without words about people; `mails_from` is
    when it is asked again if it took none at all.
    """

    sent: int = 0
    failed: int = 0
    next_at: datetime | None = None
    problem: str = ""
    mails_from: datetime | None = None


@dataclass(frozen=True)
class WebhookStart:
    """Which webhook a workflow delivers to."""

    id: int


@dataclass(frozen=True)
class DeliverWebhookInput:
    """A request to deliver what a webhook is owed at workflow time `at`."""

    webhook: int
    at: datetime


@dataclass(frozen=True)
class DeliverWebhookResult:
    """What became of it, and when the next attempt is due; None when nothing waits or nothing may be sent.

    A webhook that `rests` is sent nothing before, whatever is written for it meanwhile.
    """

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    next_at: datetime | None = None
    rests: bool = False


@dataclass(frozen=True)
class ListStart:
    """Which list a schedule starts: of which site, by its code ("EL1")."""

    site: str
    code: str


@dataclass(frozen=True)
class ListTime:
    """When a list of a site is due: every day at a time in the site's zone; whether that day counts is said later."""

    site: str
    code: str
    at: time
    zone: str

    @property
    def id(self) -> str:
        """The schedule's id."""
        return f"{LISTS}{self.site}-{self.code}"


@dataclass(frozen=True)
class WriteListInput:
    """A request to write a list that was meant for `scheduled_at`, at workflow time `at`."""

    site: str
    code: str
    scheduled_at: datetime
    at: datetime


@dataclass(frozen=True)
class ImportStart:
    """Which import a workflow takes in."""

    id: int


@dataclass(frozen=True)
class TakeImportInput:
    """A request to take what an import still has to report; what says no time of its own counts from `at`."""

    id: int
    at: datetime


@dataclass(frozen=True)
class TakeImportResult:
    """What became of an import's lines."""

    taken: int = 0
    known: int = 0
    refused: int = 0


@dataclass(frozen=True)
class SweepResult:
    """How many tickets, mailboxes and imports a sweep asked to run, and how many could not be asked."""

    asked: int = 0
    failed: int = 0


@dataclass(frozen=True)
class InboxStart:
    """Whose mailbox is watched, and how many turns of watching this run of its workflow has had."""

    site: str
    turns: int = 0


@dataclass(frozen=True)
class WatchInboxResult:
    """What a turn of watching brought: how many messages; False where there is no mailbox to watch any more."""

    taken: int = 0
    goes_on: bool = True
