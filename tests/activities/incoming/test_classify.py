"""What becomes of a message, rule by rule: nothing automatic opens a ticket, nobody speaks on a foreign one."""

import pytest

from activities.incoming.classify import Fate, Known, Ours, answers_by_itself, judged, numbers_named
from activities.incoming.reading import read
from tests.incoming.mails import OFFICE, away, case, delivery_report, mail, part, parts

OURS = Ours(OFFICE, "musterstadt.example")
SENT = "<0123456789abcdef0123456789abcdef@musterstadt.example>"
NOTHING = Known()
THREAD = Known(thread=17)
KIM = "Kim Kunde <kim@kunde.example>"


def fate(content: bytes, known: Known = NOTHING) -> tuple[Fate, str]:
    """Return a message's fate and the rule that decided."""
    verdict = judged(read(content), OURS, known)
    return verdict.fate, verdict.why


def headed(*headers: str, subject: str = "Kombi", sender: str = KIM) -> bytes:
    """Return a mail with these headers."""
    return mail(b"x", sender, *headers, subject=subject)


def test_question_of_somebody_opens_a_ticket() -> None:
    assert fate(mail()) == (Fate.NEW, "fresh")


def test_answer_to_our_mail_is_a_reply() -> None:
    verdict = judged(read(mail()), OURS, THREAD)
    assert (verdict.fate, verdict.ticket, verdict.claims) == (Fate.REPLY, 17, None)


def test_number_counts_for_who_may_speak_there() -> None:
    verdict = judged(read(mail()), OURS, Known(named=17, may_speak=True))
    assert (verdict.fate, verdict.why, verdict.ticket) == (Fate.REPLY, "number", 17)


def test_forged_reply_opens_a_ticket_of_its_own_that_only_claims() -> None:
    verdict = judged(read(mail()), OURS, Known(named=17))
    assert (verdict.fate, verdict.why, verdict.ticket, verdict.claims) == (Fate.NEW, "forged", None, 17)


def test_thread_wins_over_a_number() -> None:
    assert judged(read(mail()), OURS, Known(thread=5, named=17, may_speak=True)).ticket == 5


def test_colleague_s_mail_about_a_ticket_is_a_note() -> None:
    """It is no customer's word and must not open the ticket again."""
    assert fate(mail(), Known(thread=17, is_staff=True)) == (Fate.NOTE, "staff")
    assert fate(mail(), Known(is_staff=True)) == (Fate.NEW, "fresh")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (delivery_report(SENT), "delivery_report"),
        (delivery_report(SENT, action="delayed"), "delivery_report"),
        (headed("X-Failed-Recipients: kim@kunde.example"), "delivery_report"),
        (headed(sender="MAILER-DAEMON@mx.kunde.example"), "mailer_daemon"),
        (headed(sender="Mail Delivery Subsystem <mailer-daemon@mx.kunde.example>"), "mailer_daemon"),
        (headed("Return-Path: <>"), "null_return_path"),
    ],
)
@pytest.mark.parametrize("known", [NOTHING, THREAD, Known(named=17, may_speak=True)])
def test_bounce_never_opens_nor_answers(content: bytes, why: str, known: Known) -> None:
    assert fate(content, known) == (Fate.BOUNCE, why)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (away(SENT), "auto_submitted"),
        (headed("Auto-Submitted: auto-generated"), "auto_submitted"),
        (headed("Auto-Submitted: auto-replied; owner-email=x"), "auto_submitted"),
        (headed("X-Autoreply: yes"), "x_autoreply"),
        (headed("X-Autorespond: Kombi"), "x_autorespond"),
        (headed("Precedence: auto_reply"), "precedence"),
        (headed("Precedence: bulk", "List-Id: <news.example>"), "list"),
        (headed("Precedence: list", "List-Id: <news.example>"), "list"),
        (headed("Precedence: junk", subject="Abwesenheitsnotiz"), "weak_signs"),
        (headed("Return-Path: <>", subject="Out of Office: Kim"), "weak_signs"),
        (headed("X-Auto-Response-Suppress: All", subject="Automatische Antwort: Kombi"), "weak_signs"),
        (headed("X-Auto-Response-Suppress: DR, OOF", "Precedence: bulk"), "weak_signs"),
        (
            mail(
                parts(part(b"gelesen", "text/plain")),
                kind="multipart/report; report-type=disposition-notification; boundary=b0",
            ),
            "report",
        ),
    ],
)
@pytest.mark.parametrize("known", [NOTHING, THREAD])
def test_machine_s_answer_is_recognised(content: bytes, why: str, known: Known) -> None:
    verdict = judged(read(content), OURS, known)
    assert (verdict.fate, verdict.why, verdict.ticket) == (Fate.AUTO_REPLY, why, known.thread)


@pytest.mark.parametrize(
    "content",
    [
        headed("Auto-Submitted: no"),
        headed("Precedence: bulk"),
        headed("Precedence: normal", "List-Id: <x>"),
        headed("X-Auto-Response-Suppress: none"),
        headed("X-Auto-Response-Suppress: All"),
        headed("X-Auto-Response-Suppress: OOF, AutoReply"),
        headed(subject="Abwesenheit am Montag"),
        headed(subject="Automatische Antwort gesucht"),
        headed(subject="I am on holiday, please call back"),
        headed("Return-Path: <kim@kunde.example>"),
    ],
)
def test_weak_sign_alone_silences_no_customer(content: bytes) -> None:
    assert answers_by_itself(read(content)) == ""
    assert fate(content)[0] is Fate.NEW


@pytest.mark.parametrize(
    ("value", "wanted"), [("All", True), ("OOF", True), ("None", False), (" none ", False), ("", False)]
)
def test_mail_that_wants_no_automatic_answer_is_known_as_such(value: str, wanted: bool) -> None:
    """It says nothing about who wrote it."""
    message = read(headed(f"X-Auto-Response-Suppress: {value}"))
    assert message.wants_no_automatic_answer is wanted
    assert [remark.code for remark in message.remarks] == (["no_automatic_answer"] if wanted else [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (headed(sender=OFFICE), "own_address"),
        (headed(sender="Anfragen+17@MUSTERSTADT.example"), "own_address"),
        (headed(f"Message-ID: {SENT}"), "own_message_id"),
        (headed("X-Statuskette-Ticket: 17"), "own_header"),
        (headed("X-Loop: Statuskette"), "own_header"),
    ],
)
def test_own_mail_that_comes_back_is_a_loop(content: bytes, why: str) -> None:
    assert fate(content, THREAD) == (Fate.LOOP, why)


@pytest.mark.parametrize(
    "sender", ["anna@musterstadt.example", "anfragen@musterstadt.example.org", "xanfragen@musterstadt.example"]
)
def test_colleagues_and_lookalikes_are_not_ourselves(sender: str) -> None:
    content = headed("Message-ID: <4711.abc@musterstadt.example>", sender=sender)
    assert fate(content)[0] is Fate.NEW


@pytest.mark.parametrize(("recent", "expected"), [(29, Fate.NEW), (30, Fate.LOOP), (31, Fate.LOOP)])
def test_too_many_messages_of_one_writer_are_a_loop(recent: int, expected: Fate) -> None:
    assert fate(mail(), Known(recent=recent))[0] is expected


@pytest.mark.parametrize(("sent", "quiet"), [(0, False), (29, False), (30, True), (3000, True)])
def test_too_many_messages_of_one_sender_for_many_writers_are_taken_without_automatic_answers(
    sent: int, quiet: bool
) -> None:
    """A portal writes for many; two programs that answer each other under ever new addresses fall silent."""
    verdict = judged(read(mail()), OURS, Known(sent=sent))
    assert (verdict.fate, verdict.quiet) == (Fate.NEW, quiet)


GENERATED = "Auto-Submitted: auto-generated"
FOR_NORA = "Reply-To: Nora Neu <nora@neu.example>"


def test_machine_that_passes_on_what_a_person_wrote_is_no_automatic_reply() -> None:
    verdict = judged(read(case("portal-lead")), OURS, NOTHING)
    assert (verdict.fate, verdict.why, verdict.quiet) == (Fate.NEW, "for_somebody", True)
    assert judged(read(case("portal-lead")), OURS, Known(recent=30)).fate is Fate.LOOP


@pytest.mark.parametrize(
    ("content", "known"),
    [
        (headed(GENERATED), NOTHING),
        (headed(GENERATED, f"Reply-To: {KIM}"), NOTHING),
        (headed(GENERATED, "Reply-To: no-reply@portal.example"), NOTHING),
        (headed(GENERATED, "Reply-To: Do_Not.Reply@portal.example"), NOTHING),
        (headed(GENERATED, f"Reply-To: {OFFICE}"), NOTHING),
        (headed("Auto-Submitted: auto-replied", FOR_NORA), NOTHING),
        (headed("X-Autoreply: yes", FOR_NORA), NOTHING),
        (headed(GENERATED, FOR_NORA), THREAD),
    ],
)
def test_machine_that_speaks_for_itself_is_an_automatic_reply(content: bytes, known: Known) -> None:
    """To itself, to nobody, to us; answering, or about a ticket that is there."""
    assert judged(OURS.answered(read(content)), OURS, known).fate is Fate.AUTO_REPLY


def test_taken_before_is_a_duplicate_whatever_it_is() -> None:
    for content in (mail(), away(SENT), delivery_report(SENT)):
        assert fate(content, Known(taken=True, thread=17)) == (Fate.DUPLICATE, "taken_before")


def test_unreadable_goes_before_everything() -> None:
    assert fate(b"", Known(taken=True)) == (Fate.UNREADABLE, "empty")


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        (headed(subject="Re: Kombi [#17]"), (17,)),
        (headed(subject="AW: [#17] WG: [#18]"), (17, 18)),
        (headed(subject="Rechnung #17"), ()),
        (headed(subject="[#1234567890]"), ()),
        (headed(subject="[#0]"), (0,)),
        (mail(to="Anfragen+17@musterstadt.example"), (17,)),
        (mail(to="anfragen+17@other.example"), ()),
        (mail(to="other+17@musterstadt.example"), ()),
        (headed("References: <ticket-17@musterstadt.example>"), (17,)),
        (headed("References: <ticket-17@other.example>"), ()),
        (mail(to="anfragen+5@musterstadt.example", subject="[#17]"), (5, 17)),
    ],
)
def test_tickets_are_named_by_address_thread_and_subject(content: bytes, numbers: tuple[int, ...]) -> None:
    assert numbers_named(read(content), OURS) == numbers
