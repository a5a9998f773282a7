"""A server that keeps single messages from us: absent and unreadable are two things, and the others are taken."""

from pathlib import Path

import pytest

from activities.incoming.boxes import Maildir, Unreachable, Why, Withheld
from activities.incoming.imap import Imap
from tests.imap_script import scripted
from tests.incoming.mails import mail

FIRST, SECOND = mail(b"eins"), mail(b"zwei", "Nora Neu <nora@neu.example>")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("nil", Why.NO_BODY),
        ("nothing", Why.NO_BODY),
        ("empty", Why.NO_BODY),
        ("no", Why.REFUSED),
        ("bad", Why.REFUSED),
        ("hang up", Why.BROKEN_OFF),
    ],
)
def test_message_without_a_body_is_withheld_and_not_gone(body: str, why: Why) -> None:
    """The next one is read all the same, over the same connection where that still stands."""
    with scripted(FIRST, SECOND, bodies={1: body}) as server:
        box = Imap(server.account())
        first, second = box.waiting()
        with pytest.raises(Withheld) as caught:
            box.fetch(first)
        assert caught.value.why is why
        fetched = box.fetch(second)
        assert fetched is not None
        assert fetched.content == SECOND
        assert box.waiting() == [first, second]
        assert server.logins == (2 if body == "hang up" else 1)
        box.close()


def test_head_of_a_withheld_message_is_given_where_the_server_knows_it() -> None:
    with scripted(SECOND, bodies={1: "nil"}) as server:
        box = Imap(server.account())
        (place,) = box.waiting()
        assert b"From: Nora Neu <nora@neu.example>" in box.head(place)
        box.close()


def test_message_that_is_gone_is_no_error() -> None:
    with scripted(FIRST) as server:
        box = Imap(server.account())
        (place,) = box.waiting()
        server.messages.clear()
        assert box.fetch(place) is None
        assert box.head(place) == b""
        box.close()


def test_message_that_the_server_will_not_move_is_withheld_and_the_others_are_moved() -> None:
    with scripted(FIRST, SECOND, unmovable={1}) as server:
        box = Imap(server.account())
        first, second = box.waiting()
        with pytest.raises(Withheld) as caught:
            box.put_away(first)
        assert caught.value.why is Why.NOT_PUT_AWAY
        box.put_away(second)
        assert server.taken == [2]
        box.close()


def test_resting_messages_leave_room_for_those_behind_them() -> None:
    """Five hundred are looked at in one go; as many that rest must not hide the next one."""
    with scripted(*[FIRST] * 501) as server:
        box = Imap(server.account())
        places = box.waiting()
        assert len(places) == 500
        assert box.waiting(set(places)) == ["7.501"]
        box.close()


@pytest.mark.parametrize(
    ("permanent", "keeps"),
    [(r"\Seen \Deleted \*", True), (r"\Seen statuskettetaken", True), (r"\Seen \Deleted", False)],
)
def test_server_without_keywords_is_refused_where_keywords_are_needed(permanent: str, keeps: bool) -> None:
    """Otherwise what was taken would wait for ever and hide what is new; a folder needs no keywords."""
    with scripted(FIRST, permanent=permanent) as server:
        box = Imap(server.account(taken=""))
        if keeps:
            assert box.waiting() == ["7.1"]
        else:
            with pytest.raises(Unreachable, match="keeps no keywords: name a folder"):
                box.waiting()
        box.close()
        box = Imap(server.account())
        assert box.waiting() == ["7.1"]
        box.close()


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """Return a folder of files in which one place is no file."""
    (tmp_path / "new" / "1.folder").mkdir(parents=True)
    (tmp_path / "new" / "2.file").write_bytes(SECOND)
    return tmp_path


def test_file_that_cannot_be_read_is_withheld_too(maildir: Path) -> None:
    box = Maildir(maildir)
    assert box.waiting() == ["1.folder", "2.file"]
    assert box.waiting({"1.folder"}) == ["2.file"]
    with pytest.raises(Withheld):
        box.fetch("1.folder")
    assert box.head("1.folder") == b""


def test_file_that_cannot_be_moved_is_withheld_too(maildir: Path) -> None:
    (maildir / "cur").write_bytes(b"no folder")
    with pytest.raises(Withheld) as caught:
        Maildir(maildir).put_away("2.file")
    assert caught.value.why is Why.NOT_PUT_AWAY
