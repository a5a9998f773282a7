"""One notice that cannot be told fails by itself, in words for operators; everything behind it goes out."""

import shutil
from pathlib import Path

import pytest

from activities.mail.render import Letters
from models.tables import Channel, SiteRow, TicketRow
from tests.activities.incoming.mailroom import MAIL_FROM, ROOT, Mailroom, words


@pytest.fixture
def templates(mailroom: Mailroom, tmp_path: Path) -> Path:
    """Let the mail room write with templates of its own, which a test may break."""
    folder = tmp_path / "mail"
    shutil.copytree(ROOT / "templates/mail", folder)
    mailroom.letters = Letters("https://office.example", MAIL_FROM, folder)
    return folder


@pytest.fixture
def speechless(templates: Path) -> Path:
    """Break the words that fit every notice, too: a kind without templates then has none at all."""
    for file in ("heading.txt", "body.txt"):
        (templates / "notice/de" / file).write_text("{{ nothing.there }}")
    return templates


async def test_kind_without_templates_is_told_in_general_words(mailroom: Mailroom) -> None:
    unknown = mailroom.notice("R9")
    assert (await mailroom.empty()).failed == 0
    assert mailroom.status(unknown) == "sent"
    assert "Probefahrt 1" in words(mailroom.inbox("anna")[0])


@pytest.mark.usefixtures("speechless")
async def test_notice_without_any_words_fails_alone_and_the_others_go_out(mailroom: Mailroom) -> None:
    unknown = mailroom.notice("R9")
    others = [mailroom.notice("R1", ticket=2), mailroom.notice("DM1", ticket=3)]
    pop_up = mailroom.notice("E1", channel=Channel.POP_UP)
    emptied = await mailroom.empty()
    assert (emptied.sent, emptied.failed, emptied.next_at) == (3, 1, None)
    (mail,) = mailroom.inbox("anna")
    assert mail["X-Statuskette-Ticket"] == "2, 3"
    assert {mailroom.status(key) for key in (*others, pop_up)} == {"sent"}
    error = mailroom.notices()[unknown].error
    assert mailroom.status(unknown) == "failed"
    assert error.startswith("cannot be written: UndefinedError (")


@pytest.mark.usefixtures("speechless")
async def test_what_cannot_be_told_is_reported_like_a_lost_mail(mailroom: Mailroom) -> None:
    mailroom.notice("R9")
    await mailroom.empty()
    assert mailroom.woken == ["person:boss", "person:cora"]


async def test_report_about_it_says_that_it_is_ours_to_repair(mailroom: Mailroom) -> None:
    mailroom.notice("R1", to="customer:1")
    await mailroom.empty("customer:1")
    await mailroom.empty("person:cora")
    (report,) = mailroom.inbox("cora")
    for text in (words(report), words(report, "html")):
        assert "Sie ließ sich nicht schreiben; das muss der Betrieb beheben: cannot be written: Unwritable" in text
        assert "Der Mailserver hat sie abgelehnt" not in text


async def test_answer_without_its_words_does_not_hold_up_the_next_one(mailroom: Mailroom) -> None:
    gone = mailroom.notice("answer", to="customer:1", deliver="at once", key="gone")
    mailroom.answer("Gern.")
    emptied = await mailroom.empty("customer:1")
    assert (emptied.sent, emptied.failed) == (1, 1)
    assert "Unwritable: text None is unknown" in mailroom.notices()[gone].error


async def test_list_that_cannot_be_read_does_not_hold_up_what_is_about_tickets(mailroom: Mailroom) -> None:
    mailroom.change(SiteRow, "musterstadt", digests="nonsense = [")
    broken = mailroom.notice("EL1", key="list", ticket=None)
    told = mailroom.notice("R1")
    emptied = await mailroom.empty()
    assert (mailroom.status(broken), mailroom.status(told)) == ("failed", "sent")
    assert emptied.failed == 1
    assert mailroom.woken == []  # a list comes again


async def test_error_in_a_template_names_place_and_class_but_nobody(mailroom: Mailroom, templates: Path) -> None:
    """What a template looks up may be somebody's name: it stands in the error of the library, not in ours."""
    mailroom.change(TicketRow, 1, subject="Karl Musters Scheidung")
    for kind in ("R1", "notice"):
        (templates / kind / "de/subject.txt").write_text("{{ words.roles[item.subject] }}")
    broken = mailroom.notice("R1")
    assert (await mailroom.empty()).failed == 1
    assert mailroom.notices()[broken].error == "cannot be written: UndefinedError (subject.txt:1)"


async def test_bundle_that_cannot_be_written_is_told_one_by_one(mailroom: Mailroom, templates: Path) -> None:
    (templates / "bundle/de/subject.txt").write_text("{{ nothing.there }}")
    keys = [mailroom.notice("R1", ticket=ticket) for ticket in (1, 2, 3)]
    assert (await mailroom.empty()).failed == 0
    assert {mailroom.status(key) for key in keys} == {"sent"}
    assert len(mailroom.inbox("anna")) == 3


async def test_broken_report_about_a_lost_mail_is_not_reported(mailroom: Mailroom, speechless: Path) -> None:
    (speechless / "undeliverable/de/body.txt").write_text("{{ nothing.there }}")
    mailroom.notice("R9")
    for mailbox in ("person:anna", "person:cora", "person:boss"):
        assert (await mailroom.empty(mailbox)).failed == 1
    assert mailroom.woken == ["person:boss", "person:cora"]
