"""A customer's card: what it shows, what its forms refuse, and registering; the engine is down here."""

import re

import pytest

from activities.ledger.outbox import person_mailbox
from domain.ticket.customer_facts import (
    Acknowledged,
    AssistantAsked,
    PackageBooked,
    PriorityMarked,
    TaskPosted,
    Watched,
)
from domain.ticket.facts import Closed, FollowUpSet, MilestoneSet, Noted
from models.tables import Channel, CustomerRow, FeedRow, NoticeRow, NoticeStatus, TicketRow
from tests.office import berlin
from tests.web.customers.cast import Cast
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor


def forms(page: str, customer: int) -> set[str]:
    """Return the forms a card offers."""
    return set(re.findall(rf'action="/customers/{customer}/(\w+)', page))


async def test_card_shows_the_stages_with_what_they_were_reached_by(ina: Visitor, cast: Cast) -> None:
    """The stage that is present has its sign and its word; the packages are dated."""
    page = (await ina.opens(f"/customers/{cast.second}")).text
    assert re.findall(r'class="phase is-(\w+)', page) == ["done", "done", "present", "ahead", "ahead"]
    assert "5 Stunden am Di 12.01.2027" in page
    assert "50 Stunden am Fr 26.02.2027" in page
    assert "Prio-Kunde" in page
    assert "Vera Pohl" in page


async def test_kd_03_open_task_has_its_deadline_and_an_assigned_one_says_so(ina: Visitor, cast: Cast) -> None:
    """Seven calendar days after it was posted."""
    page = (await ina.opens(f"/customers/{cast.waiting}")).text
    assert "zuzuweisen bis Mi 03.03.2027 18:00" in page
    assert re.search(rf"<b>T-{cast.third}</b>.*zugewiesen", (await ina.opens(f"/customers/{cast.third}")).text)


async def test_kd_02_three_checks_are_by_hand_and_two_by_themselves(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """A check that was made has its day and no button any more; leads have no checks."""
    before = (await ina.opens(f"/customers/{cast.waiting}")).text
    assert re.findall(r'name="check" value="(\w+)"', before) == ["info_read", "company_known", "file_entry"]
    assert before.count("von selbst") == 1  # the first task was posted, but not assigned
    shop.lives(cast.waiting, MilestoneSet("company_known"), NOW)
    after = (await ina.opens(f"/customers/{cast.waiting}")).text
    assert re.findall(r'name="check" value="(\w+)"', after) == ["info_read", "file_entry"]
    assert "hat geprüft: Unternehmen bekannt" in after
    assert 'name="check"' not in (await ina.opens(f"/customers/{cast.lead}")).text


async def test_history_is_told_in_sentences(ina: Visitor, cast: Cast) -> None:
    """Also what was written, and what will happen if nobody does anything."""
    page = (await ina.opens(f"/customers/{cast.regular}")).text
    for words in (
        "Kunde registriert",
        "Ina Voss: Paket mit 20 Stunden gebucht (Mo 11.01.2027); jetzt „Bestandskunde“",
        f"Ina Voss: Aufgabe „T-{cast.regular}“ an Vera Pohl zugewiesen",
        "Ina Voss hat den Kunden eingestuft: A",
        "Ina Voss hat den Kunden auf die Watchlist gesetzt",
        "Großer Kunde, enger im Auge behalten.",
        "Ina Voss: Gesehen",
        "Watchlist: diese Woche noch nicht bearbeitet",
    ):
        assert words in page, words
    assert "No Show · " not in page
    ahead = (await ina.opens(f"/customers/{cast.first}")).text.partition("wenn niemand etwas tut")[2]
    assert "No Show: acht Wochen ohne Aufgabe" in ahead
    assert "Neukunde ohne Aufgabe" in ahead


async def test_switches_are_offered_in_the_direction_that_makes_sense(ina: Visitor, cast: Cast) -> None:
    """And what is for leads only to leads only; nothing to those who left."""
    offered = {n: forms((await ina.opens(f"/customers/{n}")).text, n) for n in vars(cast).values()}
    assert {"appointment", "invited", "prio", "watch"} <= offered[cast.lead]
    assert "noprio" in offered[cast.second]
    assert not {"appointment", "invited", "prio", "observe", "resume"} & offered[cast.second]
    assert "unwatch" in offered[cast.regular]
    assert "watch" not in offered[cast.regular]
    assert "appointment" not in offered[cast.called]
    assert "invited" not in offered[cast.invited]
    assert "task_assigned" in offered[cast.waiting]
    assert "task_assigned" not in offered[cast.second]
    assert offered[cast.left] == set()


async def test_kd_11_observing_is_offered_only_while_the_assistant_is_asked(
    ina: Visitor, cast: Cast, shop: Shop
) -> None:
    shop.lives(cast.regular, AssistantAsked(berlin("2027-03-05 12:00")), NOW, text="Warum?")
    page = (await ina.opens(f"/customers/{cast.regular}")).text
    assert "observe" in forms(page, cast.regular)
    assert "bis Fr 05.03.2027 12:00" in page
    assert "observe" not in forms((await ina.opens(f"/customers/{cast.second}")).text, cast.second)


async def test_template_begins_a_mail_in_the_customers_language(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """The choice is in the address; names are filled in; subject and text can be changed before they go out."""
    blank = (await ina.opens(f"/customers/{cast.second}")).text
    assert re.search(r'id="contact-subject"[^>]* value=""', blank)
    chosen = (await ina.opens(f"/customers/{cast.second}?template=how_is_it")).text
    assert 'value="Wie zufrieden sind Sie?"' in chosen
    assert "Guten Tag Zoe Zweit," in chosen
    assert re.search(r'<details name="action" id="contact"[^>]* open>', chosen)
    with shop.database.writing() as session:
        session.get_one(CustomerRow, cast.second).language = "en"
    assert "Hello Zoe Zweit," in (await ina.opens(f"/customers/{cast.second}?template=how_is_it")).text
    assert (await ina.opens(f"/customers/{cast.second}?template=nonsense")).status_code == 200


async def test_kd_11_question_to_the_assistant_is_begun_with_a_deadline(ina: Visitor, cast: Cast) -> None:
    """The first template is there at once, another one by its link; the deadline is three working days ahead."""
    page = (await ina.opens(f"/customers/{cast.second}")).text
    assert "Geht als Mail an Vera Pohl." in page
    assert "Zoe Zweit hat ein kleineres Paket nachgebucht" in page
    assert 'name="answer_by" type="datetime-local" value="2027-03-05T18:00"' in page
    larger = (await ina.opens(f"/customers/{cast.second}?template=ask_larger")).text
    assert "Zoe Zweit hat ein größeres Paket nachgebucht" in larger
    assert "Noch kein VPA bekannt" in (await ina.opens(f"/customers/{cast.lead}")).text


@pytest.mark.parametrize(
    ("form", "typed", "words"),
    [
        ("contact", {"text": "  ", "subject": "Hallo"}, "Bitte etwas schreiben."),
        ("note", {"text": ""}, "Bitte etwas schreiben."),
        ("remind", {"follow_up_at": "2027-03-01T09:00"}, "Das liegt in der Vergangenheit."),
        ("remind", {"follow_up_at": ""}, "Bitte Datum und Uhrzeit wählen."),
        ("ask", {"text": "Warum?", "answer_by": "2027-03-02T14:20"}, "Das liegt in der Vergangenheit."),
        ("package", {"size": "7", "day": ""}, "Bitte etwas auswählen."),
        ("package", {"size": "10", "day": "2027-03-03"}, "Das liegt in der Zukunft."),
        ("package", {"size": "10", "day": "gestern"}, "Das ist kein Datum"),
        ("task", {"task": "", "day": ""}, "Bitte ausfüllen."),
        ("task_assigned", {"task": "T-999", "to": ""}, "Bitte etwas auswählen."),
        ("task_assigned", {"task": "T-100", "to": "anna"}, "Bitte etwas auswählen."),
        ("tag", {"tag": "Z"}, "Bitte etwas auswählen."),
        ("reassign", {"to": "nobody"}, "Bitte etwas auswählen."),
        ("close", {"reason": "won"}, "Bitte etwas auswählen."),
    ],
)
async def test_mistake_is_said_at_the_field_and_what_was_typed_stays(
    ina: Visitor, cast: Cast, form: str, typed: dict[str, str], words: str
) -> None:
    """422: nobody asks the engine for what cannot be."""
    page = f"/customers/{cast.waiting}"
    wrong = await ina.sends(page, f"{page}/{form}", **typed)
    assert wrong.status_code == 422
    inside = wrong.text.partition(f'id="{form}" class="action')[2].partition("</details>")[0]
    assert words in inside
    assert 'aria-invalid="true"' in inside
    for value in typed.values():
        if value.strip() and "<option" not in inside:
            assert value in inside


async def test_engine_that_is_down_keeps_the_text(ina: Visitor, cast: Cast) -> None:
    """503; sent again under the same id it counts once."""
    page = f"/customers/{cast.second}"
    silent = await ina.sends(page, f"{page}/contact", text="Wie geht es?", subject="Frage", command="form-1")
    assert silent.status_code == 503
    assert "Wie geht es?</textarea>" in silent.text
    assert 'value="Frage"' in silent.text
    assert 'name="command" value="form-1"' in silent.text


async def test_acting_on_who_left_is_refused_in_words(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """409: the card was open while a colleague ended the life cycle."""
    page = f"/customers/{cast.lead}"
    shown = (await ina.opens(page)).text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', shown)[0]
    shop.lives(cast.lead, Closed("duplicate"), NOW)
    refused = await ina.posts(f"{page}/note", csrf=csrf, command="x", version="1", text="Noch eine Notiz")
    assert refused.status_code == 409
    assert "Noch eine Notiz</textarea>" in refused.text


@pytest.mark.parametrize("path", ["/customers/999999", "/customers/99999999999999", "/customers/0"])
async def test_customer_that_is_not_there_is_404(ina: Visitor, path: str) -> None:
    assert (await ina.opens(path)).status_code == 404


async def test_customer_without_a_life_has_a_page_with_their_contacts_instead_of_a_card(
    ina: Visitor, shop: Shop
) -> None:
    """Customer 1 has tickets only."""
    assert (await ina.opens("/customers/1")).headers["location"] == "/customers/1/contacts"
    assert (await ina.sends("/customers/new", "/customers/new", known="999999")).status_code == 404


async def test_form_that_is_not_there_is_404(ina: Visitor, cast: Cast) -> None:
    page = f"/customers/{cast.lead}"
    csrf = re.findall(r'name="csrf" value="([^"]+)"', (await ina.opens(page)).text)[0]
    assert (await ina.posts(f"{page}/phase_done", csrf=csrf)).status_code == 404


async def test_life_asked_for_as_a_ticket_leads_to_the_card(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """303; and the forms of tickets do not act on it."""
    number = shop.life(cast.second)
    found = await ina.opens(f"/tickets/{number}")
    assert (found.status_code, found.headers["location"]) == (303, f"/customers/{cast.second}")
    csrf = re.findall(r'name="csrf" value="([^"]+)"', (await ina.opens("/customers/new")).text)[0]
    assert (await ina.posts(f"/tickets/{number}/pause", csrf=csrf, version="1")).status_code == 404


async def test_ticket_leads_to_the_card_or_offers_to_begin(anna: Visitor, shop: Shop) -> None:
    """Both ways, as soon as there is a life."""
    customer = shop.row(1).customer
    before = (await anna.opens("/tickets/1")).text
    assert f'href="/customers/new?customer={customer}"' in before
    assert f'href="/customers/{customer}"' not in before
    shop.registers(known=customer)
    after = (await anna.opens("/tickets/1")).text
    assert f'href="/customers/{customer}"' in after
    assert "/customers/new?customer=" not in after
    card = (await anna.opens(f"/customers/{customer}")).text
    assert 'href="/tickets/1">#1 Probefahrt' in card


async def test_pop_up_of_a_customer_names_them_and_leads_to_the_card(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """K and the number, the moment's own title, and the card behind it."""
    shop.pops_up("ina")
    mine = [one for one in (await ina.opens("/popups")).json() if one["href"] == f"/customers/{cast.waiting}"]
    assert mine
    assert {one["mark"] for one in mine} == {f"K{cast.waiting}"}
    page = (await ina.opens("/customers")).text
    assert f'<a href="/customers/{cast.waiting}">K{cast.waiting} Willi Wartet</a>' in page
    assert "Kundenkarte öffnen" in page
    with shop.database.reading() as session:
        notice = session.get_one(NoticeRow, mine[0]["id"])
    assert (notice.mailbox, notice.channel) == (person_mailbox("ina"), Channel.POP_UP)
    opened = await ina.sends("/customers", f"/popups/{notice.id}/seen", open="1")
    assert opened.headers["location"] == f"/customers/{cast.waiting}"
    with shop.database.reading() as session:
        assert session.get_one(NoticeRow, notice.id).status == NoticeStatus.SEEN


async def test_calendar_feed_leads_to_the_card(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """Its entries are called K and the number, also in the plain one."""
    await ina.sends("/me/notifications", "/me/feed", do="make")
    made = (await ina.sends("/me/notifications", "/me/feed", do="make")).text
    address = re.findall(r"/feed/[\w-]+\.ics", made)[0]
    text = (await ina.opens(address)).text.replace("\r\n ", "")
    assert f"/customers/{cast.second}" in text
    assert f"K{cast.second} Zoe Zweit" in text
    assert f"/tickets/{shop.life(cast.second)}" not in text
    assert f"SUMMARY:K{cast.second} ·" in (await ina.opens(f"{address}?plain")).text.replace("\r\n ", "")
    with shop.database.reading() as session:
        assert session.get(FeedRow, "ina") is not None


async def test_registering_needs_a_name_and_keeps_what_was_typed(ina: Visitor) -> None:
    typed = {"name": " ", "company": "Wolf KG", "email": "no address", "phone": "abc", "registered": "2027-03-03"}
    wrong = await ina.sends("/customers/new", "/customers/new", **typed, owner="nobody", note="Wichtig")
    assert wrong.status_code == 422
    for field in ("name", "email", "phone", "registered", "owner"):
        assert f'id="{field}-problem"' in wrong.text, field
    for kept in ('value="Wolf KG"', 'value="no address"', 'value="2027-03-03"', "Wichtig</textarea>"):
        assert kept in wrong.text


async def test_registered_lead_is_whose_turn_it_is_and_waits_for_the_engine(ina: Visitor, shop: Shop) -> None:
    """KD-01: a lead is somebody's from the start, here of who has none yet; the clock starts later."""
    typed = {"name": "Wanda Wolf", "company": "Wolf KG", "email": "wanda@wolf.example", "phone": ""}
    sent = await ina.sends("/customers/new", "/customers/new", **typed, owner="", note="Von der Messe", registered="")
    assert sent.status_code == 303
    customer = int(sent.headers["location"].rpartition("/")[2])
    page = (await ina.opens(f"/customers/{customer}")).text
    assert "Der Lebenszyklus ist eingereiht" in page
    for words in ("Wanda Wolf", "Wolf KG", "Von der Messe", "wanda@wolf.example"):
        assert words in page
    row = shop.row(shop.life(customer))
    assert (row.owner, row.phase, row.received_at) == ("ole", "lead", NOW)


async def test_registration_date_lies_in_the_past(ina: Visitor, shop: Shop) -> None:
    sent = await ina.sends(
        "/customers/new", "/customers/new", name="Alt", email="", phone="", owner="anna", registered="2027-02-01"
    )
    row = shop.row(shop.life(int(sent.headers["location"].rpartition("/")[2])))
    assert (row.owner, row.received_at) == ("anna", berlin("2027-02-01 00:00"))


async def test_form_sent_twice_registers_once(ina: Visitor) -> None:
    page = (await ina.opens("/customers/new")).text
    fields = dict(re.findall(r'name="(csrf|command)" value="([^"]+)"', page))
    typed = {"name": "Doppelt", "owner": "", "email": "", "phone": ""}
    both = [await ina.posts("/customers/new", **fields, **typed) for _ in range(2)]
    assert both[0].headers["location"] == both[1].headers["location"]


async def test_known_address_is_asked_for_before_anybody_is_registered_twice(
    ina: Visitor, cast: Cast, shop: Shop
) -> None:
    """One who lives already is linked, one with tickets can be chosen, and somebody else can be meant."""
    ticket = shop.inquiry(customer="Horst Halb", phone="+49 40 4711", email="horst@halb.example")
    typed = {"name": "L.", "email": "LEA@lead.example", "phone": "+49 40 4711", "owner": ""}
    asked = await ina.sends("/customers/new", "/customers/new", **typed)
    assert asked.status_code == 422
    assert f'<a href="/customers/{cast.lead}">Lea Lead</a>' in asked.text
    assert "bereits registriert" in asked.text
    known = shop.row(ticket).customer
    assert f'name="known" value="{known}"' in asked.text
    begun = await ina.sends("/customers/new", "/customers/new", **typed, known=str(known))
    assert begun.headers["location"] == f"/customers/{known}"
    other = await ina.sends("/customers/new", "/customers/new", **typed, known="new")
    assert int(other.headers["location"].rpartition("/")[2]) > known


async def test_beginning_for_a_known_customer_keeps_their_name(ina: Visitor, shop: Shop) -> None:
    """The form names them; once they live, the same address leads to the card."""
    known = shop.row(1).customer
    page = (await ina.opens(f"/customers/new?customer={known}")).text
    assert "Miriam Osterkamp" in page
    assert 'id="name"' not in page
    sent = await ina.sends(f"/customers/new?customer={known}", "/customers/new", owner="ina")
    assert sent.headers["location"] == f"/customers/{known}"
    again = await ina.opens(f"/customers/new?customer={known}")
    assert (again.status_code, again.headers["location"]) == (303, f"/customers/{known}")
    twice = await ina.sends("/customers/new", "/customers/new", owner="ina", known=str(known))
    assert twice.status_code == 409
    assert "bereits registriert" in twice.text


async def test_card_is_right_while_a_worker_is_down(ina: Visitor, shop: Shop) -> None:
    """What is due but not written yet counts: the task of eight days ago is late."""
    customer = shop.registers(at=berlin("2027-02-15 10:00"))
    shop.lives(customer, PackageBooked(5), berlin("2027-02-15 11:00"))
    shop.lives(customer, TaskPosted("T-1"), berlin("2027-02-22 10:00"))
    shop.lives(customer, FollowUpSet(berlin("2027-04-01 10:00")), berlin("2027-02-22 11:00"))
    shop.lives(customer, Noted(), berlin("2027-02-22 12:00"), text="Eilt.")
    page = (await ina.opens(f"/customers/{customer}")).text
    assert 'class="ticket-head light-red"' in page
    assert '<li class="is-late">' in page


async def test_marks_of_the_card_follow_what_happened(ina: Visitor, cast: Cast, shop: Shop) -> None:
    """Priority, watchlist and class are in the head as words."""
    plain = (await ina.opens(f"/customers/{cast.first}")).text.partition("</header>\n\n")[0]
    assert "flagged" not in plain
    shop.lives(cast.first, PriorityMarked(), NOW)
    shop.lives(cast.first, Watched(), NOW)
    shop.lives(cast.first, Acknowledged(), NOW)
    head = (await ina.opens(f"/customers/{cast.first}")).text
    assert '<span class="flagged">Prio-Kunde</span><span class="flagged">Watchlist</span>' in head


async def test_administration_counts_tickets_and_customers_apart(carl: Visitor, cast: Cast, shop: Shop) -> None:
    """Whoever leaves gives both away: the form carries the customers along."""
    shop.plays("carl", "controller", "admin")
    page = (await carl.opens("/admin/people/ina")).text
    assert "8 Kunden sind zugeordnet." in page
    assert "offene" not in page.partition("Wer es ist")[0].partition("<form")[2]
    absences = (await carl.opens("/people/ina/absences")).text
    assert "8 Kunden" in absences
    carried = re.findall(r'name="every" value="([^"]+)"', absences)[0].split()
    with shop.database.reading() as session:
        assert all(session.get_one(TicketRow, int(one.partition("-")[0])).life for one in carried)
    assert len(carried) == 8
