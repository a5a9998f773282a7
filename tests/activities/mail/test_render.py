"""What people read: words, dates and links in both languages."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from activities.mail.letter_facts import item_of
from activities.mail.render import Letter, Letters
from domain.service.catalogue import AUTOMATIC_LETTER, CONFIRMING_LETTER
from models.tables import DefinitionRow, TicketRow
from processes.loader import SHIPPED
from tests.activities.incoming.mailroom import BERLIN, DUE, MAIL_FROM, WHY, Mailroom
from tests.activities.mail.writing import (
    ANNA,
    AT_GATES,
    CORA,
    ITEM,
    KINDS,
    LETTERS,
    LISTS,
    OF_CUSTOMERS,
    REPLY,
    TEMPLATES,
    answer,
    item,
    notify,
)


def seen(html: str) -> str:
    """Return the words a mail program shows of an HTML mail, without layout."""
    body = re.sub(r"<(title|style)>.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def both(letter: Letter) -> tuple[str, str]:
    """Return the words of the text and of the HTML."""
    return " ".join(letter.text.split()), seen(letter.html)


def link(letter: Letter) -> str:
    """Return "label: address" of the page a mail leads to, the same in its text and on the button of its HTML."""
    (written,) = [line for line in letter.text.splitlines() if ": https://office.example/tickets/" in line]
    found = re.findall(r'<a href="(https://office\.example/tickets/[^"]*)"[^>]*>([^<]*)</a>', letter.html)
    assert [f"{label}: {address}" for address, label in found] == [written]
    return written


def test_folders_of_the_templates_are_the_known_kinds() -> None:
    assert LETTERS.known_templates() == {
        *KINDS,
        *LISTS,
        *OF_CUSTOMERS,
        "bundle",
        "answer",
        AUTOMATIC_LETTER,
        CONFIRMING_LETTER,
    }


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("DM1", "Bitte kümmern Sie sich um die Anfrage von Karl Muster."),
        ("R1", "Bitte antworten Sie Karl Muster bis Mi., 3. März 2027, 10:00 Uhr."),
        ("EM2.1", "Bitte greifen Sie ein: Karl Muster wartet noch auf eine Antwort."),
        ("WR1", "Bitte denken Sie an Ihre Wiedervorlage für Karl Muster am Mi., 3. März 2027, 10:00 Uhr."),
        (
            "phase_reminder",
            "Bitte bringen Sie die laufende Phase für Karl Muster zu Ende, bis Mi., 3. März 2027, 10:00 Uhr.",
        ),
        ("phase_target", "Bitte beginnen Sie jetzt mit der Planung für Karl Muster; das Ziel ist erreicht."),
        (
            "phase_escalated",
            "Bitte greifen Sie ein: Eine Frist für Karl Muster ist seit mehr als einem Arbeitstag versäumt.",
        ),
        ("phase_check", "Bitte sehen Sie nach, wie die Ausführung für Karl Muster läuft: Der Partner ist neu."),
        (
            "handover_waiting",
            "Bitte prüfen Sie die Übergabe „Vertrieb an Projekt“ für Karl Muster und nehmen Sie sie an.",
        ),
        (
            "handover_returned",
            (
                "Bitte ergänzen Sie die Checkliste der Übergabe „Vertrieb an Projekt“ für Karl Muster "
                "und übergeben Sie noch einmal."
            ),
        ),
        (
            "handover_escalated",
            "Bitte greifen Sie ein: Die Übergabe „Vertrieb an Projekt“ für Karl Muster ist überfällig.",
        ),
        (
            "point_due",
            (
                "Bitte ergänzen Sie „Auftragswert in Euro“ für Karl Muster: Die Frist ist abgelaufen. "
                "Der Punkt blieb bei der Übergabe „Vertrieb an Projekt“ offen."
            ),
        ),
        ("service_involve", "Bitte stellen Sie sich Karl Muster jetzt vor: „Vertrieb an Projekt“ steht bevor."),
        ("welcome_due", "Bitte begrüßen Sie Karl Muster im Service, mit einer Mail oder einem Anruf unter 030 1234."),
        ("undeliverable", "Bitte erreichen Sie Karl Muster auf anderem Weg, zum Beispiel unter 030 1234:"),
        (
            "delayed",
            (
                "Bitte erreichen Sie Karl Muster auf anderem Weg, zum Beispiel unter 030 1234: "
                "Unsere Mail ist seit Mi., 3. März 2027, 10:00 Uhr noch nicht hinausgegangen. Wir versuchen es weiter."
            ),
        ),
    ],
)
def test_first_line_says_what_to_do(kind: str, first: str) -> None:
    for text in both(notify(item(kind))):
        assert text.startswith(first)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("DM1", "Please look after the request from Karl Muster."),
        ("R1", "Please reply to Karl Muster by Wed, 3 March 2027, 10:00."),
        ("EM2.1", "Please step in: Karl Muster is still waiting for a reply."),
        ("WR1", "Please remember your follow-up for Karl Muster on Wed, 3 March 2027, 10:00."),
        ("handover_waiting", "Please check the handover “Sales to project” for Karl Muster and accept it."),
        (
            "handover_returned",
            "Please complete the checklist of the handover “Sales to project” for Karl Muster and hand over again.",
        ),
        ("handover_escalated", "Please step in: the handover “Sales to project” for Karl Muster is overdue."),
        (
            "point_due",
            (
                "Please complete “Order value in euros” for Karl Muster: the deadline has passed. "
                "It was left open at the handover “Sales to project”."
            ),
        ),
        ("service_involve", "Please introduce yourself to Karl Muster now: “Sales to project” is coming up."),
        ("welcome_due", "Please welcome Karl Muster to service, by a mail or a call on 030 1234."),
        ("undeliverable", "Please reach Karl Muster another way, for example on 030 1234:"),
        ("delayed", "Please reach Karl Muster another way, for example on 030 1234: our mail has not left since"),
    ],
)
def test_first_line_says_what_to_do_in_english(kind: str, first: str) -> None:
    for text in both(notify(item(kind), reader=replace(ANNA, language="en"))):
        assert text.startswith(first)


@pytest.mark.parametrize(
    ("kind", "side", "language", "words"),
    [
        (
            "handover_reminder",
            "giver",
            "de",
            (
                "Bitte füllen Sie bald die Checkliste der Übergabe „Vertrieb an Projekt“ für Karl Muster aus "
                "und übergeben Sie."
            ),
        ),
        (
            "handover_reminder",
            "receiver",
            "de",
            (
                "Bitte entscheiden Sie bald über die Übergabe „Vertrieb an Projekt“ für Karl Muster: "
                "annehmen oder zurückgeben."
            ),
        ),
        (
            "handover_reminder",
            "giver",
            "en",
            "Please fill in the checklist of the handover “Sales to project” for Karl Muster soon and hand over.",
        ),
        (
            "handover_reminder",
            "receiver",
            "en",
            "Please decide soon about the handover “Sales to project” for Karl Muster: accept or return it.",
        ),
        ("handover_escalated", "giver", "de", "ist überfällig. Die Checkliste ist noch nicht übergeben. #7"),
        ("handover_escalated", "receiver", "de", "aber noch niemand hat sie angenommen oder zurückgegeben. #7"),
        ("handover_escalated", "giver", "en", "is overdue. The checklist has not been handed over yet. #7"),
        ("handover_escalated", "receiver", "en", "submitted, but nobody has accepted or returned it yet. #7"),
    ],
)
def test_late_handover_says_which_side_is_to_act(kind: str, side: str, language: str, words: str) -> None:
    for text in both(notify(item(kind, side=side), reader=replace(CORA, language=language))):
        assert words in text
        assert text.startswith("Bitte" if language == "de" else "Please")


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("de", "Bitte klären Sie den Einwand von Karl Muster: Die Frist ist abgelaufen. #7"),
        ("en", "Please settle the objection of Karl Muster: the deadline has passed. #7"),
    ],
)
def test_open_point_of_no_gate_is_an_objection(language: str, first: str) -> None:
    letter = notify(item("point_due", gate={}, point={}, path=""), reader=replace(ANNA, language=language))
    for text in both(letter):
        assert text.startswith(first)
    assert link(letter).endswith(": https://office.example/tickets/7")


@pytest.mark.parametrize(("language", "label"), [("de", "Checkliste öffnen"), ("en", "Open checklist")])
@pytest.mark.parametrize("kind", AT_GATES)
def test_mail_about_a_gate_leads_to_its_checklist(kind: str, language: str, label: str) -> None:
    letter = notify(item(kind), reader=replace(ANNA, language=language))
    assert link(letter) == f"{label}: https://office.example/tickets/7/gates/sales_to_project"


@pytest.mark.parametrize(("language", "label"), [("de", "Vorgang öffnen"), ("en", "Open ticket")])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in AT_GATES])
def test_any_other_mail_leads_to_the_ticket(kind: str, language: str, label: str) -> None:
    letter = notify(item(kind), reader=replace(ANNA, language=language))
    assert link(letter) == f"{label}: https://office.example/tickets/7"


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_carry_the_same_facts(kind: str, language: str) -> None:
    letter = notify(item(kind), reader=replace(CORA, language=language))
    due = {"de": "Mi., 3. März 2027, 10:00 Uhr", "en": "Wed, 3 March 2027, 10:00"}[language]
    assert "#7 Probefahrt" in letter.subject
    for text in both(letter):
        for fact in ("#7 Probefahrt", "Karl Muster", "Anna Kern", due, WHY[language]):
            assert fact in text
    for body in (letter.text, letter.html):
        assert "https://office.example/tickets/7" in body
        assert "https://office.example/me/notifications" in body


def test_footer_says_why_this_person_gets_the_mail() -> None:
    for text in both(notify(ITEM)):
        assert "Sie sind für diesen Vorgang zuständig. Art der Benachrichtigung: Erinnerung (R1)." in text
    for text in both(notify(item("EM2.1", mine=False), reader=CORA)):
        assert "Ihre Rolle: Controlling. Art der Benachrichtigung: Eskalation (EM2.1)." in text
    for text in both(notify(item("EM2.1", mine=False), reader=replace(CORA, language="en"))):
        assert "Your role: controller. Kind of notification: Escalation (EM2.1)." in text


@pytest.mark.parametrize(
    ("minutes", "words"), [(-1, "Fällig Mi."), (0, "Überfällig seit Mi."), (1, "Überfällig seit Mi.")]
)
def test_due_time_is_overdue_from_its_very_instant(minutes: int, words: str) -> None:
    for text in both(notify(ITEM, at=DUE + timedelta(minutes=minutes))):
        assert words in text


def test_summer_time_is_shown_as_the_site_sees_it() -> None:
    due = datetime(2027, 7, 1, 8, tzinfo=BERLIN)
    assert "Do., 1. Juli 2027, 08:00 Uhr" in notify(item(due_at=due)).text


def test_ticket_without_deadline_says_so() -> None:
    for kind in ("DM1", "R1", "WR1"):
        for text in both(notify(item(kind, due_at=None))):
            assert "keine Frist" in text


def test_bundle_lists_the_most_late_first_under_its_kind() -> None:
    late = item("EM2.1", number=9, mine=False, due_at=DUE - timedelta(days=1))
    items = [
        item("R1", number=1),
        item("R1", number=2, due_at=DUE - timedelta(hours=2)),
        item("DM1", number=3),
        late,
    ]
    letter = notify(*items)
    assert letter.subject == "4 Vorgänge brauchen Sie: #9, #2, #1 …"
    for text in both(letter):
        assert text.startswith("Bitte sehen Sie sich diese 4 Vorgänge an, das Dringendste steht oben.")
        shown = re.findall(r"Eskalation #9|Erinnerung #2|#1 |Neue Anfrage #3", text)
        assert shown == ["Eskalation #9", "Erinnerung #2", "#1 ", "Neue Anfrage #3"]
    for number in (1, 2, 3, 9):
        assert f"https://office.example/tickets/{number}" in letter.text
        assert f'href="https://office.example/tickets/{number}"' in letter.html
    assert letter.headers["X-Statuskette-Ticket"] == "9, 2, 1, 3"
    assert "References" not in letter.headers


@pytest.mark.parametrize(("language", "words"), [("de", "Vertrieb an Projekt"), ("en", "Sales to project")])
def test_bundle_names_each_gate_and_leads_to_its_checklist(language: str, words: str) -> None:
    items = [item("handover_waiting"), item("R1", number=8)]
    letter = notify(*items, reader=replace(ANNA, language=language))
    for text in both(letter):
        assert f"#7 Probefahrt {words} {'Kunde' if language == 'de' else 'Customer'}: Karl Muster" in text
    for address in ("https://office.example/tickets/7/gates/sales_to_project", "https://office.example/tickets/8"):
        assert address in letter.text.splitlines()
        assert f'href="{address}"' in letter.html


def test_bundle_names_the_item_that_is_still_missing() -> None:
    for text in both(notify(item("point_due"), item("R1", number=8))):
        assert "#7 Probefahrt Vertrieb an Projekt: Auftragswert in Euro Kunde: Karl Muster" in text


@pytest.mark.parametrize(
    ("moment", "gate", "point", "side", "path"),
    [
        ("sales_to_project.submitted#4", "Sales to project", "", "receiver", "sales_to_project"),
        ("sales_to_project.rejected#5", "Sales to project", "", "giver", "sales_to_project"),
        ("sales_to_project.take.remind#4", "Sales to project", "", "receiver", "sales_to_project"),
        ("sales_to_project.give.remind#4", "Sales to project", "", "giver", "sales_to_project"),
        ("sales_to_project.take.escalated#4", "Sales to project", "", "receiver", "sales_to_project"),
        ("sales_to_project.give.escalated#4", "Sales to project", "", "giver", "sales_to_project"),
        (
            "point.due/project_to_site.drawings#6",
            "Planning to site",
            "Drawings and measurements",
            "",
            "project_to_site",
        ),
        ("service.involve#3", "Start of operation", "", "", "start_of_operation"),
        ("point.due/objection.6#6", "", "", "", ""),
        ("information.escalated/cora#1", "", "", "", ""),
        ("execution.check#3.2", "", "", "", ""),
        ("unheard of#1", "", "", "", ""),
        ("", "", "", "", ""),
    ],
)
def test_moment_tells_the_gate_and_the_page_it_is_about(
    mailroom: Mailroom, moment: str, gate: str, point: str, side: str, path: str
) -> None:
    text = (SHIPPED / "statuskette.toml").read_text("utf-8")
    mailroom.add(DefinitionRow(id=9, key="statuskette", number=1, fingerprint="x", text=text))
    mailroom.change(TicketRow, 1, definition=9)
    key = mailroom.notice("point_due", moment=moment)
    with mailroom.database.reading() as session:
        told = item_of(session, mailroom.notices()[key])
    assert (told.gate.get("en", ""), told.point.get("en", ""), told.side) == (gate, point, side)
    assert told.path == (f"/tickets/1/gates/{path}" if path else "")


def test_bundle_speaks_english() -> None:
    letter = notify(item("R1"), item("DM1"), item("undeliverable"), reader=replace(ANNA, language="en"))
    assert letter.subject == "1 ticket needs you: #7"
    for text in both(letter):
        assert text.startswith("Please look at this ticket.")
        assert "The mail server refused it: 550 5.1.1 unknown" in text


def test_same_kind_on_the_same_ticket_is_told_once() -> None:
    letter = notify(item("DM1", why={"de": "alt"}), item("DM1", why={"de": "neu"}))
    assert letter.subject == "Bitte ansehen: #7 Probefahrt"
    assert "neu" in letter.text
    assert "alt" not in letter.text


@pytest.mark.parametrize("language", ["pl", "", "DE-de"])
def test_unknown_language_falls_to_german(language: str) -> None:
    assert notify(ITEM, reader=replace(ANNA, language=language)).subject == "Erinnerung: #7 Probefahrt"
    assert answer(language=language).html == answer(language="de").html


def test_answer_is_the_persons_words_and_name() -> None:
    letter = answer(replace(REPLY, body="Guten Tag,\n\ngern am <Freitag>.\n"))
    assert letter.subject == "Re: Probefahrt [#7]"
    assert letter.text == "Guten Tag,\n\ngern am <Freitag>.\n\nAnna Kern\nAutohaus Musterstadt\n"
    assert seen(letter.html) == "Guten Tag, gern am <Freitag>. Anna Kern Autohaus Musterstadt"
    assert letter.headers["From"] == "Anna Kern · Autohaus Musterstadt <office@statuskette.example>"
    assert "Auto-Submitted" not in letter.headers


@pytest.mark.parametrize("subject", ["Re: Probefahrt", "RE: Probefahrt", "AW: Probefahrt"])
def test_answer_to_an_answer_is_not_marked_twice(subject: str) -> None:
    assert answer(replace(REPLY, subject=subject)).subject == f"{subject} [#7]"


def test_staff_mails_say_that_no_person_wrote_them() -> None:
    headers = notify(ITEM).headers
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["References"] == "<ticket-7@statuskette.example>"
    assert headers["Date"] == "Wed, 03 Mar 2027 09:30:00 +0100"


def test_html_shows_markup_of_strangers_as_words() -> None:
    evil = '<img src=x onerror=alert(1)> & "Co"'
    for letter in (notify(item(subject=evil, customer=evil)), notify(item("undeliverable", customer=evil))):
        assert "<img" not in letter.html
    bundle = notify(item("R1", number=1, subject=evil), item("undeliverable", number=2, customer=evil))
    assert "<img" not in bundle.html
    assert "<img" not in answer(replace(REPLY, body=evil, author=evil, subject=evil)).html
    assert evil in notify(item(subject=evil)).text


def test_missing_template_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "R9/de").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"mail template R9/de/subject\.txt is missing"):
        Letters("https://office.example", MAIL_FROM, tmp_path)


@pytest.mark.parametrize("mail_from", ["", "Statuskette", "a@b\r\nBcc: x@y"])
def test_sender_without_a_usable_address_is_refused_at_the_start(mail_from: str) -> None:
    with pytest.raises(ValueError, match="mail_from"):
        Letters("https://office.example", mail_from, TEMPLATES)
