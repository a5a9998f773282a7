"""The mailbox on a real server: looked into, marked only when told, reached again after it was away."""

import dataclasses
import time
from pathlib import Path

import pytest

from activities.incoming.boxes import Maildir, Unreachable
from activities.incoming.imap import Imap, ImapAccount
from activities.mail.smtp import Tls
from tests.dovecot import USER, Dovecot, running_dovecot
from tests.incoming.mails import mail

FIRST, SECOND = mail(b"eins"), mail(b"zwei")


def secure(dovecot: Dovecot, tls: Tls) -> ImapAccount:
    """Return the mailbox behind encryption."""
    account = dovecot.account(tls=tls, trust=dovecot.trust())
    return dataclasses.replace(account, port=dovecot.imaps) if tls is Tls.TLS else account


def flags(dovecot: Dovecot, folder: str = "INBOX") -> list[set[bytes]]:
    """Return how the messages of a folder are marked."""
    with dovecot.client() as client:
        client.select_folder(folder)
        return [set(found) - {rb"\Recent"} for found in client.get_flags(client.search()).values()]


def until_unreachable(box: Imap) -> None:
    """Wait until the connection is broken: the server's children end a moment after it."""
    for _ in range(100):
        try:
            box.waiting()
        except Unreachable:
            return
        time.sleep(0.05)
    raise AssertionError("the server still answers")


@pytest.mark.parametrize("tls", list(Tls))
def test_message_is_fetched_as_it_is_and_left_unmarked(dovecot: Dovecot, tls: Tls) -> None:
    dovecot.appends([FIRST, SECOND])
    box = Imap(secure(dovecot, tls) if tls is not Tls.NONE else dovecot.account())
    places = box.waiting()
    assert [fetched.content for place in places if (fetched := box.fetch(place))] == [FIRST, SECOND]
    assert box.waiting() == places
    box.close()
    assert flags(dovecot) == [set(), set()]


def test_what_is_put_away_is_moved_as_seen_and_waits_no_more(dovecot: Dovecot) -> None:
    dovecot.appends([FIRST, SECOND])
    box = Imap(dovecot.account())
    first, second = box.waiting()
    box.put_away(first)
    assert box.waiting() == [second]
    assert box.fetch(first) is None
    box.put_away(first)
    box.close()
    assert (dovecot.count("INBOX"), flags(dovecot, "Taken")) == (1, [{rb"\Seen"}])


def test_server_that_cannot_move_copies_and_expunges_that_one_only() -> None:
    """What somebody else marked as deleted is theirs to expunge."""
    with running_dovecot("IMAP4rev1 UIDPLUS") as dovecot:
        dovecot.appends([FIRST, SECOND])
        with dovecot.client() as client:
            client.delete_messages([2])
        box = Imap(dovecot.account())
        (first,) = box.waiting()
        box.put_away(first)
        assert box.waiting() == []
        box.close()
        assert (dovecot.count("INBOX"), dovecot.count("Taken")) == (1, 1)


def test_without_a_folder_a_keyword_marks_what_was_taken(dovecot: Dovecot) -> None:
    dovecot.appends([FIRST, SECOND])
    box = Imap(dovecot.account(taken=""))
    first, second = box.waiting()
    box.put_away(first)
    assert box.waiting() == [second]
    box.close()
    assert dovecot.count("INBOX") == 2
    assert flags(dovecot) == [{rb"\Seen", b"StatusketteTaken"}, set()]


def test_uids_counted_anew_are_other_places(dovecot: Dovecot) -> None:
    """The index was lost: the same uid names the same message no more."""
    dovecot.appends([FIRST])
    box = Imap(dovecot.account())
    (before,) = box.waiting()
    dovecot.close()
    uids = dovecot.folder / "mail" / USER / "dovecot-uidlist"
    lines = uids.read_text("utf-8").splitlines(keepends=True)
    uids.write_text("".join([lines[0].replace(f"V{before.split('.')[0]}", "V4711"), *lines[1:]]), "utf-8")
    for index in (dovecot.folder / "mail" / USER).glob("dovecot.index*"):
        index.unlink()
    until_unreachable(box)
    dovecot.open()
    (after,) = box.waiting()
    assert (before.partition(".")[2], after) == ("1", "4711.1")
    assert box.fetch(before) is None
    box.put_away(before)
    assert box.waiting() == [after]
    box.close()


def test_server_that_was_away_is_reached_again(dovecot: Dovecot) -> None:
    box = Imap(dovecot.account())
    assert box.waiting() == []
    dovecot.close()
    until_unreachable(box)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ does not answer"):
        box.waiting()
    dovecot.open()
    dovecot.appends([FIRST])
    assert len(box.waiting()) == 1
    box.close()


def test_wrong_password_is_named_without_words(dovecot: Dovecot) -> None:
    with pytest.raises(Unreachable, match="refuses the login") as caught:
        Imap(dovecot.account(password="falsch")).waiting()
    assert USER not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("tls", [Tls.TLS, Tls.STARTTLS])
def test_certificate_nobody_trusts_is_refused(dovecot: Dovecot, tls: Tls) -> None:
    with pytest.raises(Unreachable):
        Imap(dataclasses.replace(secure(dovecot, tls), trust=None)).waiting()


def test_message_beyond_all_measure_shows_its_headers(dovecot: Dovecot) -> None:
    dovecot.appends([FIRST])
    box = Imap(dovecot.account(largest=len(FIRST) - 1))
    (place,) = box.waiting()
    fetched = box.fetch(place)
    box.close()
    assert fetched is not None
    assert (fetched.content, fetched.left_out) == (FIRST.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", len(FIRST))


def test_message_somebody_deletes_meanwhile_is_gone(dovecot: Dovecot) -> None:
    dovecot.appends([FIRST])
    box = Imap(dovecot.account())
    (place,) = box.waiting()
    with dovecot.client() as client:
        client.delete_messages([1])
        client.expunge()
    assert box.fetch(place) is None
    box.put_away(place)
    box.close()


def test_folder_of_files_is_a_mailbox_too(tmp_path: Path) -> None:
    box = Maildir(tmp_path / "inbox")
    assert box.waiting() == []
    (tmp_path / "inbox" / "new").mkdir(parents=True)
    (tmp_path / "inbox" / "new" / "1.a").write_bytes(FIRST)
    (tmp_path / "inbox" / "new" / "2.b").write_bytes(SECOND)
    assert box.waiting() == ["1.a", "2.b"]
    fetched = box.fetch("1.a")
    assert fetched is not None
    assert fetched.content == FIRST
    box.put_away("1.a")
    box.put_away("1.a")
    assert (box.waiting(), box.fetch("1.a")) == (["2.b"], None)
    assert (tmp_path / "inbox" / "cur" / "1.a:2,S").read_bytes() == FIRST
