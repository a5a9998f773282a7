"""How the mails of a ticket stand, on its page and on a customer's card, in both languages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlmodel import select

from activities.mail import smtp
from activities.mail.outbox_claims import Claims
from activities.mail.render import Letters
from domain.staff.mail_patience import TOLD_OF_CUSTOMERS_AFTER
from domain.ticket.customer_facts import AssistantAsked
from domain.ticket.facts import Answered
from models.tables import Channel, LifeRow, NoticeRow, NoticeStatus, PersonRow
from processes.loader import MAIL_TEMPLATES
from tests.office import berlin
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor
from web.shell.translations import read_words
from web.tickets.mail_states import REASONS, SILENCES, reason

AT = berlin("2027-03-02 10:12")
MISTYPED = "450 4.1.2 Domain not found"


def claims(shop: Shop) -> Claims:
    """Return the outbox as the post sees it."""
    return Claims(shop.database, Letters("http://test", "Shop <shop@test.example>", MAIL_TEMPLATES))


def answered(shop: Shop) -> int:
    """Answer a new request at 10:12; returns its number."""
    number = shop.inquiry("Mailprobe", at=berlin("2027-03-02 10:00"), email="mail@probe.example")
    shop.happens(number, Answered(), AT, text="Gern.")
    return number


def mailbox(shop: Shop, number: int) -> str:
    """Return the mailbox of a ticket's customer."""
    return f"customer:{shop.row(number).customer}"


async def said(visitor: Visitor, path: str) -> list[str]:
    """Return what a page says about mails."""
    page = (await visitor.opens(path)).text
    return [unescape(text) for text in re.findall(r'class="entry-note mail-state[^"]*">([^<]*)<', page)]


async def test_answer_that_waits_says_so(anna: Visitor, shop: Shop) -> None:
    assert await said(anna, f"/tickets/{answered(shop)}") == ["Mail an den Kunden: wartet"]


async def test_answer_on_its_way_says_so(anna: Visitor, shop: Shop) -> None:
    number = answered(shop)
    claims(shop).claim(mailbox(shop, number), AT)
    assert await said(anna, f"/tickets/{number}") == ["Mail an den Kunden: wird gerade gesendet"]


async def test_answer_that_left_says_when(anna: Visitor, shop: Shop) -> None:
    number = answered(shop)
    mail = claims(shop).claim(mailbox(shop, number), AT).mail
    assert mail is not None
    claims(shop).sent(mail, AT + timedelta(minutes=2))
    (sentence,) = await said(anna, f"/tickets/{number}")
    assert sentence == "Mail an den Kunden: zugestellt an den Mailserver Di 02.03.2027 10:14"


async def test_answer_that_is_refused_for_now_says_since_when_and_why(anna: Visitor, shop: Shop) -> None:
    number = answered(shop)
    mail = claims(shop).claim(mailbox(shop, number), AT).mail
    assert mail is not None
    claims(shop).deferred(mail, MISTYPED, AT, fresh=True)
    (sentence,) = await said(anna, f"/tickets/{number}")
    assert sentence.startswith(f"Mail an den Kunden: verzögert seit Di 02.03.2027 10:12: {MISTYPED}; nächster Versuch")
    with shop.database.writing() as session:
        session.get_one(PersonRow, "anna").language = "en"
    (sentence,) = await said(anna, f"/tickets/{number}")
    assert sentence.startswith("Mail to the customer: delayed since")
    assert f"10:12: {MISTYPED}; next attempt" in sentence


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("550 5.1.1 no such user", "550 5.1.1 no such user"),
        ("no usable address", "es ist keine gültige Mailadresse hinterlegt"),
    ],
)
async def test_answer_that_is_lost_says_why(anna: Visitor, shop: Shop, error: str, why: str) -> None:
    number = answered(shop)
    mail = claims(shop).claim(mailbox(shop, number), AT).mail
    assert mail is not None
    claims(shop).refused(mail, error, AT)
    assert await said(anna, f"/tickets/{number}") == [f"Mail an den Kunden: nicht zustellbar: {why}"]


async def test_reminder_of_a_colleague_is_mentioned_only_where_it_is_in_trouble(anna: Visitor, shop: Shop) -> None:
    number = shop.inquiry("Erinnern", at=berlin("2027-03-02 09:00"))
    shop.passes(number, berlin("2027-03-02 10:40"))
    assert await said(anna, f"/tickets/{number}") == []
    with shop.database.writing() as session:
        reminders = select(NoticeRow).where(NoticeRow.ticket == number, NoticeRow.kind == "R1")
        for notice in session.exec(reminders.where(NoticeRow.channel == Channel.MAIL)):
            notice.status, notice.error = NoticeStatus.FAILED, "person is inactive"
    assert await said(anna, f"/tickets/{number}") == [
        "Mail an Anna Berger: nicht zustellbar: das Konto ist nicht mehr aktiv"
    ]


async def test_question_to_an_assistant_waits_for_business_hours(ina: Visitor, shop: Shop) -> None:
    """On the card of a customer, until the next opening."""
    customer = shop.registers(at=berlin("2027-03-01 09:00"))
    with shop.database.writing() as session:
        session.get_one(LifeRow, customer).assistant = "vera"
        session.get_one(PersonRow, "vera").site = "musterstadt"
    shop.lives(customer, AssistantAsked(berlin("2027-03-05 12:00")), NOW, text="Wie läuft es?")
    assert await said(ina, f"/customers/{customer}") == ["Mail an Vera Pohl: wartet"]


async def test_delay_pops_up_in_words_and_is_no_deadline(anna: Visitor, shop: Shop) -> None:
    """While the mail server is away no mail tells anybody; the page does."""
    number = answered(shop)
    for at in (AT, AT + TOLD_OF_CUSTOMERS_AFTER):
        claim = claims(shop).claim(mailbox(shop, number), at)
        assert claim.mail is not None
        claims(shop).held(claim, claim.mail, f"mail:25 {smtp.NOT_REACHED}", at)
    shop.pops_up("anna")
    (up,) = [one for one in (await anna.opens("/popups")).json() if one["kind"] == "delayed"]
    assert (up["title"], up["late"]) == ("Mail noch nicht zugestellt", False)
    assert up["why"] == "der Mailserver (mail:25) ist nicht erreichbar"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_silence_of_a_mail_server_has_words(language: str) -> None:
    """What stands in the error is made of constants of the SMTP module; a page says it in its own language."""
    words = read_words()[language]
    said = {words(sentence, host="mail:25") for sentence in SILENCES.values()}
    assert {reason(f"mail:25 {silence}", words) for silence in SILENCES} == said
    assert set(SILENCES) == set(smtp.SILENCES)
    assert "535" in reason("mail:25 answered 535", words)
    assert reason("554 spam", words) == "554 spam"
    assert "R9" in reason("cannot be written: TemplateNotFound: R9/de (x.py:1)", words)
    assert {reason(known, words) for known in REASONS} == {words(sentence) for sentence in REASONS.values()}
