"""What is left to do rests after a failure, the longer the more there were, and hides nothing behind it."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest

from activities.incoming.rounds import Rounds
from activities.incoming.tracing import named
from activities.incoming.undone import Taken, pause
from models.database import Database
from models.messages import Command, Standing, TicketStart
from tests.incoming.mails import mail
from tests.incoming.office import KIM, IncomingOffice
from tests.incoming.watch import Clock, Open, until
from tests.office import berlin

AT = berlin("2027-03-02 17:00")


@pytest.fixture
def office(database: Database) -> IncomingOffice:
    """Furnish an office."""
    return IncomingOffice(database, AT)


def reply(office: IncomingOffice, n: int) -> Taken:
    """Have a reply to Kim's ticket taken."""
    return office.taking.take(f"1.{n}", mail(b"%d" % n, f"<{KIM}>", subject=f"[#{office.kim}]", id=f"<{n}@x>"), AT)


@pytest.mark.parametrize(("tries", "seconds"), [(1, 10), (2, 20), (3, 40), (5, 160), (6, 300), (10_000, 300)])
def test_pause_doubles_up_to_five_minutes(tries: int, seconds: int) -> None:
    assert pause(tries) == timedelta(seconds=seconds)


def test_what_failed_rests_with_all_that_its_ticket_has_not_heard(office: IncomingOffice) -> None:
    first, second = reply(office, 1), reply(office, 2)
    other = office.taking.take("1.3", mail(b"x", "Nora <nora@neu.example>"), AT)
    office.undone.postpone(first, "Unavailable", AT)
    assert [left.row for left in office.undone.left(AT + timedelta(seconds=9))] == [other.row]
    due = office.undone.left(AT + timedelta(seconds=10))
    assert [(left.row, left.tries) for left in due] == [(second.row, 0), (other.row, 0), (first.row, 1)]
    third = reply(office, 3)
    assert [left.row for left in office.undone.left(AT)] == [other.row, third.row]


def test_what_was_heard_in_the_end_bears_no_trace_of_trouble(office: IncomingOffice) -> None:
    taken = reply(office, 1)
    office.undone.postpone(taken, "Unavailable", AT)
    office.undone.done(taken)
    (row,) = office.incoming()
    assert (row.done, row.trouble, row.again_at, row.tries) == (True, "", None, 1)


class Poisoned(Open):
    """A way on which one command breaks something, every time."""

    def __init__(self, poison: str) -> None:
        self.poison = poison
        self.heard: list[str] = []

    async def act(self, ticket: TicketStart, command: Command) -> Standing:
        """Break over the one, remember the others."""
        if command.id == self.poison:
            raise KeyError("words of a mail")
        self.heard.append(command.id)
        return await super().act(ticket, command)

    async def wake(self, mailboxes: Sequence[str]) -> None:
        """Break as well, after being asked."""
        self.heard.extend(mailboxes)
        raise RuntimeError("nobody is there")


async def test_message_that_nobody_can_do_anything_with_hides_no_other_of_its_ticket(office: IncomingOffice) -> None:
    """The others wait for one pause; what is wrong is named without the words of the error."""
    poison, second, third = (reply(office, n) for n in range(3))
    way, clock = Poisoned(f"mail-{poison.row}"), Clock(AT)
    rounds = Rounds(office.undone, way, clock, seconds=0.02)
    async with rounds.going():
        await until(lambda: [row.tries for row in office.incoming()] == [1, 0, 0])
        clock.passes(seconds=10)
        await until(lambda: [row.done for row in office.incoming()] == [False, True, True])
        await until(lambda: office.incoming()[0].tries == 2)
    assert way.heard == [f"mail-{second.row}", f"mail-{third.row}"]
    assert office.incoming()[0].trouble.startswith("KeyError (test_undone.py:")


def test_error_is_named_without_its_words() -> None:
    with pytest.raises(ValueError, match="Nora") as caught:
        raise ValueError("Nora Neu <nora@neu.example>")
    assert re.fullmatch(r"ValueError \(test_undone\.py:\d+\)", named(caught.value))
    assert named(ValueError("Nora")) == "ValueError"


async def test_mailboxes_that_cannot_be_woken_stop_no_mail(office: IncomingOffice) -> None:
    way = Poisoned("")
    rounds = Rounds(office.undone, way, Clock(AT), seconds=0.02)
    await rounds.hear(Taken(1, reply(office, 1).fate, wake=("person:carl",)))
    assert way.heard == ["person:carl"]
