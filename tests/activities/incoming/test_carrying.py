"""Each message is carried for itself: what cannot be taken stays where it is and is named, what can is taken."""

from functools import partial
from hashlib import sha256

import pytest
from sqlalchemy import text

from activities.incoming.boxes import Unreachable
from activities.incoming.classify import Fate
from activities.incoming.imap import Imap
from models.database import Database
from tests.dovecot import Dovecot
from tests.imap_script import ScriptedImap, scripted
from tests.incoming.mails import mail
from tests.incoming.office import IncomingOffice
from tests.incoming.watch import Clock, Open, stuck, until, watched
from tests.office import berlin

AT = berlin("2027-03-02 17:00")
MAILS = [mail(b"%d" % n, f"Kunde {n} <k{n}@neu.example>", subject=f"Frage {n}") for n in range(1, 4)]


@pytest.fixture
def office(database: Database) -> IncomingOffice:
    """Furnish an office."""
    return IncomingOffice(database, AT)


def subjects(office: IncomingOffice) -> list[str]:
    """Return what was taken."""
    return [row.subject for row in office.incoming()]


def tries(office: IncomingOffice) -> list[int]:
    """Return how often was tried what could not be taken."""
    return [row.tries for row in stuck(office.database)]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("nil", "no_body"),
        ("nothing", "no_body"),
        ("empty", "no_body"),
        ("no", "refused"),
        ("bad", "refused"),
        ("hang up", "broken_off"),
    ],
)
async def test_message_without_a_body_is_never_put_away_and_taken_once_when_it_has_one(
    office: IncomingOffice, body: str, why: str
) -> None:
    """Those behind it are taken at once; it is tried again after a pause, and named with what the server knows."""
    clock = Clock(AT)
    with scripted(*MAILS, bodies={1: body}) as server:
        async with watched(office.database, partial(Imap, server.account()), clock, Open()):
            await until(lambda: server.taken == [2, 3] and tries(office) == [1])
            assert subjects(office) == ["Frage 2", "Frage 3"]
            for n, seconds in enumerate((10, 20), 2):
                clock.passes(seconds=seconds)
                await until(lambda wanted=n: tries(office) == [wanted])  # type: ignore[misc]
            (row,) = stuck(office.database)
            assert (row.place, row.why, row.sender, row.subject) == ("7.1", why, "k1@neu.example", "Frage 1")
            assert (row.since, row.sent_at) == (AT, berlin("2027-03-02 16:30"))
            assert server.taken == [2, 3]
            del server.bodies[1]
            clock.passes(minutes=1)
            await until(lambda: server.taken == [2, 3, 1] and not stuck(office.database))
    assert subjects(office) == ["Frage 2", "Frage 3", "Frage 1"]


async def test_message_that_a_person_deletes_while_it_rests_is_named_no_more(office: IncomingOffice) -> None:
    clock = Clock(AT)
    with scripted(*MAILS, bodies={1: "nil"}) as server:
        async with watched(office.database, partial(Imap, server.account()), clock, Open()):
            await until(lambda: tries(office) == [1])
            await until(lambda: server.taken == [2, 3])
            del server.messages[1]
            clock.passes(minutes=1)
            await until(lambda: not stuck(office.database))
    assert subjects(office) == ["Frage 2", "Frage 3"]


async def test_message_that_cannot_be_moved_is_taken_once_and_stops_no_other(office: IncomingOffice) -> None:
    clock = Clock(AT)
    with scripted(*MAILS, unmovable={1}) as server:
        async with watched(office.database, partial(Imap, server.account()), clock, Open()):
            await until(lambda: server.taken == [2, 3])
            await until(lambda: tries(office) == [1])
            clock.passes(minutes=1)
            await until(lambda: tries(office) == [2])
            assert [row.why for row in stuck(office.database)] == ["not_put_away"]
            server.unmovable.clear()
            clock.passes(minutes=1)
            await until(lambda: server.taken == [2, 3, 1] and not stuck(office.database))
    assert subjects(office) == ["Frage 1", "Frage 2", "Frage 3"]


async def test_mailbox_that_breaks_off_over_everything_is_out_of_reach(office: IncomingOffice) -> None:
    """Three in a row are no fault of the messages; none of them is put away."""
    with scripted(*MAILS, bodies={1: "hang up", 2: "hang up", 3: "hang up"}) as server:
        with pytest.raises(Exception, match="breaks off over 3 messages in a row"):
            async with watched(office.database, partial(Imap, server.account()), Clock(AT), Open()):
                await until(lambda: tries(office) == [1, 1, 1])
        assert (server.taken, office.incoming()) == ([], [])


async def test_folder_that_somebody_else_makes_at_the_same_moment_is_used(office: IncomingOffice) -> None:
    with scripted(*MAILS, created=b"NO [ALREADYEXISTS] it is there") as server:
        async with watched(office.database, partial(Imap, server.account()), Clock(AT), Open()):
            await until(lambda: server.taken == [1, 2, 3])
    assert subjects(office) == ["Frage 1", "Frage 2", "Frage 3"]


def test_mailbox_without_room_for_what_was_taken_is_out_of_reach_and_says_why() -> None:
    """The server's code is named, its words are not."""
    with (
        scripted(*MAILS, created=b"NO [OVERQUOTA] the disk of anna@example.com is full") as server,
        pytest.raises(Unreachable, match="does not answer as a mailbox should: error OVERQUOTA$"),
    ):
        Imap(server.account()).waiting()


def refuse(database: Database, condition: str) -> None:
    """Have the store refuse certain messages, with an error nobody foresaw."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.execute(
                text(
                    f"CREATE TRIGGER odd BEFORE INSERT ON incoming WHEN NEW.{condition} "
                    "BEGIN SELECT RAISE(ABORT, 'odd'); END"
                )
            )
            return
        connection.execute(
            text("CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''odd''; END'")
        )
        trigger = f"CREATE TRIGGER odd BEFORE INSERT ON incoming FOR EACH ROW WHEN (NEW.{condition}) "
        connection.execute(text(f"{trigger} EXECUTE FUNCTION odd()"))


async def test_error_nobody_foresaw_makes_that_message_an_unreadable_ticket(office: IncomingOffice) -> None:
    refuse(office.database, "subject = 'Frage 1'")
    with scripted(*MAILS) as server:
        async with watched(office.database, partial(Imap, server.account()), Clock(AT), Open()):
            await until(lambda: server.taken == [1, 2, 3])
    assert [row.fate for row in office.incoming()] == [Fate.UNREADABLE, Fate.NEW, Fate.NEW]
    assert office.files(office.incoming()[0].ticket or 0)[0].content == MAILS[0]


async def test_message_that_the_store_refuses_altogether_stays_and_stops_no_other(office: IncomingOffice) -> None:
    refuse(office.database, f"digest = '{sha256(MAILS[0]).hexdigest()}'")
    with scripted(*MAILS) as server:
        async with watched(office.database, partial(Imap, server.account()), Clock(AT), Open()):
            await until(lambda: server.taken == [2, 3] and tries(office) == [1])
    (row,) = stuck(office.database)
    assert row.why.partition(" ")[0] in ("IntegrityError", "InternalError", "ProgrammingError")
    assert (row.sender, row.subject) == ("k1@neu.example", "Frage 1")
    assert subjects(office) == ["Frage 2", "Frage 3"]


async def test_real_server_gives_every_message_and_all_are_put_away(office: IncomingOffice, dovecot: Dovecot) -> None:
    dovecot.appends(MAILS)
    async with watched(office.database, partial(Imap, dovecot.account()), Clock(AT), Open(), is_patient=True):
        await until(lambda: dovecot.count("Taken") == 3)
    assert subjects(office) == ["Frage 1", "Frage 2", "Frage 3"]
    assert stuck(office.database) == []


def test_scripted_server_speaks_as_a_real_one_does() -> None:
    """What the tests above rest on: without a script it gives messages as they are."""
    with scripted(*MAILS) as server:
        assert isinstance(server, ScriptedImap)
        box = Imap(server.account())
        assert [fetched.content for place in box.waiting() if (fetched := box.fetch(place))] == MAILS
        box.close()
