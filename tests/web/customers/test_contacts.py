"""One view of a customer: everything that was said over all channels and tickets, and the contact data to edit."""

import re
from datetime import timedelta

import pytest

from domain.ticket.customer_facts import PackageBooked
from domain.ticket.facts import (
    Answered,
    CallBackNoted,
    Called,
    Closed,
    CustomerWrote,
    FollowUpSet,
    Noted,
    Paused,
)
from models.database import Database
from models.messages import Command
from models.tables import CustomerRow, TextRow, TicketRow
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor, hidden_fields

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(database: Database) -> Shop:
    """Return a furnished shop, once on each kind of database."""
    return Shop(database)


def customer_of(shop: Shop, ticket: int) -> int:
    """Return whose ticket it is."""
    return shop.row(ticket).customer


def another(shop: Shop, customer: int, subject: str, channel: str, at: int) -> int:
    """Have a further request of a customer arrive so many minutes ago; returns the ticket."""
    number = shop.inquiry(subject, channel=channel, at=NOW - at * MINUTE, body=f"Wort zu {subject}")
    with shop.database.writing() as session:
        session.get_one(TicketRow, number).customer = customer
    return number


def entries(page: str) -> list[tuple[str, str, str]]:
    """Return direction, title and note line of every entry, in their order."""
    found = re.findall(
        r'dir-(\w+)">\s*<p class="entry-head"><span class="entry-title">(.*?)</span>.*?<p class="entry-note">(.*?)</p>',
        page,
        re.DOTALL,
    )
    return [(one, title, " ".join(re.sub("<[^>]+>", "", note).split())) for one, title, note in found]


async def test_history_holds_every_channel_and_every_ticket_newest_first(anna: Visitor, shop: Shop) -> None:
    """Closed tickets, too; notes are marked as internal; moments of the agenda are no contacts."""
    first = shop.inquiry("Kombi", at=NOW - 60 * MINUTE, body="Guten Tag")
    customer = customer_of(shop, first)
    shop.happens(first, Answered(), NOW - 50 * MINUTE, text="Gern.")
    shop.happens(first, FollowUpSet(NOW + 60 * MINUTE), NOW - 45 * MINUTE)
    shop.happens(first, CustomerWrote(), NOW - 40 * MINUTE, text="Noch etwas")
    shop.happens(first, Noted(), NOW - 35 * MINUTE, by="paul", text="Rabatt?")
    shop.happens(first, Closed("answered"), NOW - 30 * MINUTE)
    second = another(shop, customer, "Fax", "fax", 20)
    shop.happens(second, Called(), NOW - 10 * MINUTE, text="Besprochen")
    shop.happens(second, CallBackNoted(), NOW - 5 * MINUTE)
    another(shop, customer, "Brief", "letter", 3)
    another(shop, customer, "Formular", "web", 2)
    page = (await anna.opens(f"/customers/{customer}/contacts")).text
    assert entries(page) == [
        ("from_customer", "Eingang", "vom Kunden · Webformular · #4 Formular"),
        ("from_customer", "Eingang", "vom Kunden · Brief · #3 Brief"),
        ("from_customer", "Rückruf gewünscht", "vom Kunden · Telefon · Anna Berger · #2 Fax"),
        ("from_us", "Anruf erfasst", "von uns · Telefon · Anna Berger · #2 Fax"),
        ("from_customer", "Eingang", "vom Kunden · Fax · #2 Fax"),
        ("internal", "Notiz", "intern · Paul Seidl · #1 Kombi"),
        ("from_customer", "Nachricht des Kunden", "vom Kunden · E-Mail · Anna Berger · #1 Kombi"),
        ("from_us", "Geantwortet", "von uns · E-Mail · Anna Berger · #1 Kombi"),
        ("from_customer", "Eingang", "vom Kunden · E-Mail · #1 Kombi"),
    ]
    assert "Di 02.03.2027 13:45" in page
    assert 'href="/tickets/2"' in page


async def test_filters_are_in_the_address(anna: Visitor, shop: Shop) -> None:
    first = shop.inquiry("Kombi", at=NOW - 60 * MINUTE)
    customer = customer_of(shop, first)
    shop.happens(first, Called(), NOW - 50 * MINUTE, text="Besprochen")
    shop.happens(first, Noted(), NOW - 40 * MINUTE, text="Intern")
    shop.happens(first, Paused(), NOW - 30 * MINUTE, text="Warten auf Teil")
    base = f"/customers/{customer}/contacts"
    titles = {
        query: [title for _, title, _ in entries((await anna.opens(f"{base}?{query}")).text)]
        for query in ("", "channel=phone", "channel=mail", "only=customer", "channel=api", "channel=x'%3B--")
    }
    assert titles == {
        "": ["Ruht", "Notiz", "Anruf erfasst", "Eingang"],
        "channel=phone": ["Anruf erfasst"],
        "channel=mail": ["Eingang"],
        "only=customer": ["Anruf erfasst", "Eingang"],
        "channel=api": [],
        "channel=x'%3B--": [],
    }
    assert f'href="{base}?channel=phone&amp;only=customer"' in (await anna.opens(f"{base}?only=customer")).text


async def test_history_is_paged(anna: Visitor, shop: Shop) -> None:
    """Long words unfold."""
    first = shop.inquiry("Kombi", at=NOW - 60 * MINUTE)
    customer = customer_of(shop, first)
    for n in range(30):
        shop.happens(first, Noted(), NOW - (40 - n) * MINUTE, text=f"Notiz {n} {'lang ' * 100}")
    page = f"/customers/{customer}/contacts"
    shown, rest = (await anna.opens(page)).text, (await anna.opens(f"{page}?page=2")).text
    assert [len(entries(text)) for text in (shown, rest)] == [25, 6]
    assert "Seite 1 von 2" in shown
    assert shown.count('<summary class="words">') == 25
    assert entries(rest)[-1][1] == "Eingang"
    assert entries((await anna.opens(f"{page}?page=99")).text) == []


async def test_life_and_facts_from_elsewhere_are_in_the_history(ina: Visitor, shop: Shop) -> None:
    """What another program reported came by the API, by itself."""
    customer = shop.registers("Ada Lang", at=NOW - 60 * MINUTE)
    shop.lives(customer, Answered(), NOW - 50 * MINUTE, text="Willkommen")
    shop._write(shop.life(customer), NOW - 40 * MINUTE, Command(PackageBooked(5), "Portal", "outside:b-1"))
    page = (await ina.opens(f"/customers/{customer}/contacts")).text
    assert entries(page) == [
        ("automatic", "Paket gebucht", f"automatisch · API · K{customer}"),
        ("from_us", "Geantwortet", f"von uns · E-Mail · Ina Voss · K{customer}"),
        ("from_customer", "Registriert", f"vom Kunden · Dora Lindner · K{customer}"),
    ]
    assert f'href="/customers/{customer}">Zur Kundenkarte' in page
    assert len(entries((await ina.opens(f"/customers/{customer}/contacts?channel=api")).text)) == 1


async def test_page_names_what_is_open_and_leads_to_a_new_ticket_for_this_customer(anna: Visitor, shop: Shop) -> None:
    number = shop.inquiry("Kombi", at=NOW - 60 * MINUTE)
    customer = customer_of(shop, number)
    page = (await anna.opens(f"/customers/{customer}/contacts")).text
    for said in (
        "Kim Kunde",
        "tel:+4989123456",
        "kim@kunde.example",
        "#1 Kombi",
        "mark-yellow",
        "Lebenszyklus beginnen",
    ):
        assert said in page
    form = (await anna.opens(f"/tickets/new?customer={customer}")).text
    assert f'name="customer" value="{customer}" checked' in form
    sent = await anna.sends(
        f"/tickets/new?customer={customer}",
        "/tickets/new",
        customer=str(customer),
        subject="Noch einer",
        channel="phone",
        owner="anna",
        process="anfrage",
    )
    assert sent.headers["location"] == "/tickets/2"
    assert customer_of(shop, 2) == customer
    for nobody in ("999", "x", "-1", "9" * 30):
        assert 'name="customer" value' not in (await anna.opens(f"/tickets/new?customer={nobody}")).text


async def test_ways_to_the_page(ina: Visitor, shop: Shop) -> None:
    """From a ticket, from the card, and from the search, which finds customers without a life, too."""
    number = shop.inquiry("Kombi", customer="Tom Ohneleben", email="tom@x.example")
    customer = customer_of(shop, number)
    lives = shop.registers("Ada Lang")
    link = f'href="/customers/{customer}/contacts"'
    assert link in (await ina.opens(f"/tickets/{number}")).text
    assert f'href="/customers/{lives}/contacts"' in (await ina.opens(f"/customers/{lives}")).text
    assert f'href="/customers/{lives}/contacts"' in (await ina.opens("/customers")).text
    for search in ("ohneleben", "TOM@x", f"K{customer}"):
        found = (await ina.opens(f"/customers?q={search}")).text
        assert link in found
        assert "Ohne Lebenszyklus" in found
    assert "Ohne Lebenszyklus" not in (await ina.opens("/customers?q=lang")).text
    assert "Ohne Lebenszyklus" not in (await ina.opens("/customers")).text


@pytest.mark.parametrize(
    "path", ["/customers/999/contacts", "/customers/0/contacts", f"/customers/{'9' * 20}/contacts"]
)
async def test_customer_that_is_not_there_is_404(anna: Visitor, path: str) -> None:
    assert (await anna.opens(path)).status_code == 404


def contact(shop: Shop, customer: int) -> tuple[str, str, str, str]:
    """Return a customer's contact data."""
    with shop.database.reading() as session:
        row = session.get_one(CustomerRow, customer)
        return row.name, row.company, row.email, row.phone


async def test_contact_data_is_edited_and_the_change_is_in_the_history_and_the_trail(
    anna: Visitor, carl: Visitor, shop: Shop
) -> None:
    customer = customer_of(shop, shop.inquiry("Kombi", at=NOW - MINUTE))
    page = f"/customers/{customer}/contacts"
    new = {"name": "Kim Kunde", "company": "Kunde AG", "email": "kim@ag.example", "phone": "+49 89 123456"}
    sent = await anna.sends(page, page, **new)
    assert sent.headers["location"] == f"{page}#content"
    assert contact(shop, customer) == ("Kim Kunde", "Kunde AG", "kim@ag.example", "+49 89 123456")
    shown = (await anna.opens(page)).text
    assert "Kontaktdaten gespeichert." in shown
    assert entries(shown)[0] == ("change", "Kontaktdaten geändert", "geändert · Anna Berger")
    text = " ".join(re.sub("<[^>]+>", "", shown).split())
    assert "E-Mail: kim@kunde.example →nachher: kim@ag.example" in text
    assert "Telefon: +49" not in text
    shop.plays("carl", "admin")
    assert "Kunde AG" in (await carl.opens("/admin/audit?what=customer")).text


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("name", "  ", "Bitte ausfüllen."),
        ("email", "kim(at)x", "Das ist keine E-Mail-Adresse"),
        ("phone", "anrufen!", "Das ist keine Telefonnummer"),
        ("company", "X" * 201, "Höchstens 200 Zeichen"),
        ("name", "Kim\u202eX", "Steuerzeichen"),
    ],
)
async def test_bad_contact_data_gets_a_message_and_keeps_what_was_typed(
    anna: Visitor, shop: Shop, field: str, typed: str, says: str
) -> None:
    customer = customer_of(shop, shop.inquiry("Kombi"))
    page = f"/customers/{customer}/contacts"
    before = contact(shop, customer)
    good = {"name": "Neuer Name", "company": "", "email": "", "phone": ""}
    sent = await anna.sends(page, page, **(good | {field: typed}))
    assert sent.status_code == 422
    assert says in sent.text
    assert f'value="{typed}"' in sent.text
    assert contact(shop, customer) == before


async def test_second_of_two_editors_is_told_what_the_first_changed_and_nothing_is_lost(
    anna: Visitor, carl: Visitor, shop: Shop
) -> None:
    """A field only the first touched shows theirs; one both touched keeps the second's words until they decide."""
    customer = customer_of(shop, shop.inquiry("Kombi"))
    page = f"/customers/{customer}/contacts"
    hidden = hidden_fields((await carl.opens(page)).text, page)
    await anna.sends(page, page, name="Kim Anna", company="", email="", phone="+49 89 777777")
    sent = await carl.posts(
        page, **hidden, name="Kim Carl", company="Kunde AG", email="kim@kunde.example", phone="+49 89 123456"
    )
    assert sent.status_code == 409
    assert "Anna Berger hat das inzwischen in „Kim Anna“ geändert." in sent.text
    assert "Anna Berger hat das inzwischen geleert." in sent.text
    assert contact(shop, customer) == ("Kim Anna", "", "", "+49 89 777777")
    for kept in ('value="Kim Carl"', 'value="Kunde AG"', 'value="+49 89 777777"'):
        assert kept in sent.text
    again = hidden_fields(sent.text, page)
    sent = await carl.posts(page, **again, name="Kim Carl", company="Kunde AG", email="", phone="+49 89 777777")
    assert sent.status_code == 303
    assert contact(shop, customer) == ("Kim Carl", "Kunde AG", "", "+49 89 777777")


async def test_mistyped_form_still_knows_what_was_seen(anna: Visitor, carl: Visitor, shop: Shop) -> None:
    """Between the mistake and its correction somebody else saves: they are not overwritten."""
    customer = customer_of(shop, shop.inquiry("Kombi"))
    page = f"/customers/{customer}/contacts"
    wrong = await carl.sends(page, page, name="", company="", email="", phone="")
    await anna.sends(page, page, name="Kim Anna", company="", email="", phone="")
    sent = await carl.posts(page, **hidden_fields(wrong.text, page), name="Kim Carl", company="", email="", phone="")
    assert sent.status_code == 409
    assert contact(shop, customer)[0] == "Kim Anna"


async def test_words_are_escaped(anna: Visitor, shop: Shop) -> None:
    number = shop.inquiry("<b>Kombi", customer="<script>alert(1)</script>", body="<img src=x>")
    page = (await anna.opens(f"/customers/{customer_of(shop, number)}/contacts")).text
    assert "<script>alert" not in page
    assert "<img" not in page
    with shop.database.reading() as session:
        assert session.get_one(TextRow, 1).body == "<img src=x>"


async def test_what_a_machine_wrote_is_in_the_history_as_such(anna: Visitor, shop: Shop) -> None:
    shop.serves_by_catalogue()
    number = shop.inquiry("Passwort vergessen", email="nora@neu.example")
    shop.happens(number, Noted(), NOW + MINUTE, text="Schon erledigt.")
    page = (await anna.opens(f"/customers/{customer_of(shop, number)}/contacts?only=customer")).text
    assert [(direction, title) for direction, title, _ in entries(page)] == [
        ("automatic", "Automatische Antwort"),
        ("from_customer", "Eingang"),
    ]
