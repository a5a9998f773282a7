"""Two customers that turned out to be one, on both databases: nothing is lost, and undoing restores every row."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlmodel import col, select

from activities.customers.contact_data import Overtaken, change, contact_of
from activities.customers.directory import alike, customer_at, family, kept, reached_by, speaks_for
from activities.customers.merging import MERGE, merge, merges_into, obstacle, state_of, undo
from activities.intake.tickets import NewTicket
from activities.ledger.context import Unknown
from activities.mail.outbox_claims import Claims
from activities.mail.render import Letters
from domain.ticket.facts import Answered, Closed, Refused
from models.database import Database
from models.tables import AuditRow, CustomerRow, MergeRow, NoticeRow, TicketRow
from tests.web.shop import NOW, Shop

LATER = NOW + timedelta(hours=1)
TEMPLATES = Path(__file__).parents[3] / "templates" / "mail"
TRACES = {"merge", "audit"}
"""What a merge and its end leave behind by design."""


@pytest.fixture
def shop(database: Database) -> Shop:
    """Return a furnished shop, once on each kind of database."""
    return Shop(database)


def customer_of(shop: Shop, ticket: int) -> int:
    """Return whose ticket it is."""
    return shop.row(ticket).customer


def opens(shop: Shop, name: str = "Kim Kunde", **said: str) -> int:
    """Have a new customer's request arrive; returns the customer."""
    return customer_of(shop, shop.inquiry(customer=name, **said))  # type: ignore[arg-type]


def row(shop: Shop, customer: int) -> CustomerRow:
    """Return a customer's own row."""
    with shop.database.reading() as session:
        return session.get_one(CustomerRow, customer)


def merges(shop: Shop, stays: int, goes: int, by: str = "carl", seen: str | None = None, **chosen: str) -> MergeRow:
    """Merge the one into the other; `chosen` is whose field stays where it is not the kept one's."""
    with shop.database.writing() as session:
        rows = session.get_one(CustomerRow, stays), session.get_one(CustomerRow, goes)
        data = contact_of(rows[0]) | {field: getattr(rows[1], field) for field in chosen}
        return merge(session, stays, goes, data, by, NOW, seen=state_of(rows) if seen is None else seen)


def undoes(shop: Shop, done: MergeRow, by: str = "carl") -> MergeRow:
    """Take a merge back."""
    with shop.database.writing() as session:
        return undo(session, done.kept, done.id, by, LATER)


def refusal(shop: Shop, stays: int, goes: int) -> str:
    """Return the code that a merge is refused with, as the preview says it and as whoever clicks is told."""
    with shop.database.reading() as session:
        said = obstacle(session, stays, goes)
    with pytest.raises(Refused) as refused:
        merges(shop, stays, goes)
    assert said is not None
    assert said.code == refused.value.code
    return said.code


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table but the traces that are meant to stay."""
    tables = MetaData()
    with database.engine.connect() as connection:
        tables.reflect(connection)
        return {
            name: sorted((tuple(map(str, each)) for each in connection.execute(table.select())), key=repr)
            for name, table in tables.tables.items()
            if name not in TRACES
        }


def test_tickets_move_and_undoing_restores_every_row_of_every_table(shop: Shop) -> None:
    """Closed tickets, too; contact data as chosen, and as before; mail that waits is not touched."""
    stays = opens(shop, "Kim Kunde", email="kim@kunde.example", phone="")
    open_one = shop.inquiry("Kombi", customer="K. Kunde", email="k.kunde@firma.example", phone="089 123456")
    goes = customer_of(shop, open_one)
    done = shop.inquiry("Reifen")
    with shop.database.writing() as session:
        session.get_one(TicketRow, done).customer = goes
    shop.happens(done, Closed("answered"), NOW)
    shop.happens(open_one, Answered(), NOW, text="Kommt morgen.")
    before = everything(shop.database)
    merged = merges(shop, stays, goes, email="merged", phone="merged")
    assert merged.tickets == [open_one, done]
    assert {customer_of(shop, number) for number in merged.tickets} == {stays}
    assert contact_of(row(shop, stays)) == {
        "name": "Kim Kunde",
        "company": "",
        "email": "k.kunde@firma.example",
        "phone": "089 123456",
    }
    assert row(shop, goes).merged_into == stays
    after = everything(shop.database)
    assert {name for name in before if before[name] != after[name]} == {"customer", "ticket"}
    undone = undoes(shop, merged, by="ina")
    assert everything(shop.database) == before
    assert (undone.undone_by, undone.undone_at) == ("ina", LATER)
    with shop.database.reading() as session:
        trail = session.exec(select(AuditRow)).all()
    assert [(each.by, each.what, each.key) for each in trail] == [
        (by, what, str(number)) for by in ("carl", "ina") for what, number in ((MERGE, stays), ("merged", goes))
    ]


def test_ticket_opened_after_the_merge_stays_with_the_one_that_stayed(shop: Shop) -> None:
    """Also one that somebody opens for the merged one, whose number they still had."""
    stays, goes = opens(shop), opens(shop)
    merged = merges(shop, stays, goes)
    new = shop.ticket_service.open_ticket(
        NewTicket("anfrage", "musterstadt", "Neu", "", "anna", customer_id=goes), NOW
    ).number
    assert customer_of(shop, new) == stays
    undoes(shop, merged)
    assert customer_of(shop, new) == stays
    assert customer_of(shop, merged.tickets[0]) == goes


def test_field_that_was_edited_after_the_merge_keeps_the_edit(shop: Shop) -> None:
    stays, goes = opens(shop, email="a@x.example"), opens(shop, email="b@x.example", phone="089 99999")
    merged = merges(shop, stays, goes, email="merged", phone="merged")
    contact = contact_of(row(shop, stays))
    with shop.database.writing() as session:
        change(session, stays, contact | {"email": "c@x.example"}, contact, "anna", NOW)
    undoes(shop, merged)
    assert contact_of(row(shop, stays)) == contact | {"email": "c@x.example", "phone": "+49 89 123456"}


def test_merges_on_top_of_each_other_are_undone_from_the_top(shop: Shop) -> None:
    """A into B, B into C: all lead to C at once; undone in turn, everything is as it was."""
    a, b, c, d = (opens(shop, name) for name in "ABCD")
    before = everything(shop.database)
    first, second, third = merges(shop, b, a), merges(shop, c, b), merges(shop, c, d)
    with shop.database.reading() as session:
        assert {kept(session, number).id for number in (a, b, c, d)} == {c}  # type: ignore[union-attr]
        assert family(session, c) == [c, a, b, d]
        assert [each.id for each in merges_into(session, c)] == [third.id, second.id]
    for blocked, by_what in ((first, f"K{c} C"), (second, f"K{d} D")):
        with pytest.raises(Refused) as refused:
            undoes(shop, blocked)
        assert (refused.value.code, refused.value.context) == ("merge_on_top", {"customer": by_what})
    for each in (third, second, first):
        undoes(shop, each)
    assert everything(shop.database) == before
    with pytest.raises(Refused, match="merge_undone_already"):
        undoes(shop, first)


def test_merge_that_is_not_there_cannot_be_undone(shop: Shop) -> None:
    one, other = opens(shop), opens(shop)
    merged = merges(shop, one, other)
    with shop.database.writing() as session:
        for stays, number in ((one, 999), (one, 0), (other, merged.id)):
            with pytest.raises(Unknown):
                undo(session, stays, number, "carl", NOW)
        with pytest.raises(Unknown):
            merge(session, one, 999, {}, "carl", NOW, seen="")
        with pytest.raises(Unknown):
            obstacle(session, one, 999)


def test_who_was_merged_leads_on_by_key_address_and_number(shop: Shop) -> None:
    """And what is looked up for the one that stays knows the old address as theirs."""
    stays = shop.registers("Ada Lang", email="ada@lang.example", key="EXT-1")
    goes = opens(shop, "A. Lang", email="A.Lang@Firma.example", phone="089 / 77 88 99")
    with shop.database.writing() as session:
        session.get_one(CustomerRow, goes).key = "EXT-2"
    merges(shop, stays, goes)
    assert {shop.customer_service.known_as(key) for key in ("EXT-1", "EXT-2", str(stays), str(goes))} == {stays}
    assert shop.customer_service.known_as("nobody") is None
    assert shop.customer_service.customer_start(goes).customer == stays
    with pytest.raises(Refused, match="customer_known"):
        shop.registers("Noch einmal", known=goes)
    with shop.database.reading() as session:
        assert customer_at(session, "a.lang@FIRMA.example") == stays
        assert [each.id for each in reached_by(session, "", "+49 89 778899")] == [stays]
        assert reached_by(session, "", "") == []
        assert speaks_for(session, stays, "a.lang@firma.example")
        assert not speaks_for(session, stays, "mallory@firma.example")
        assert not speaks_for(session, stays, "")
        assert (customer_at(session, ""), kept(session, 0), kept(session, 2**40)) == (None, None, None)


def test_fact_recorded_in_a_life_that_was_merged_is_known_under_the_one_that_stayed(shop: Shop) -> None:
    stays, goes = shop.registers("Ada"), shop.registers("A. Lang", key="EXT-2")
    shop.lives(goes, Closed("left"), NOW)
    merges(shop, stays, goes)
    assert shop.customer_service.has_recorded("EXT-2", f"shop-{shop.commands}")
    assert not shop.customer_service.has_recorded("EXT-2", "another")
    assert not shop.customer_service.has_recorded("nobody", f"shop-{shop.commands}")


def test_likely_duplicates_are_named_with_their_reasons(shop: Shop) -> None:
    """Most reasons first; nobody without one, and nobody who is merged already."""
    kim = opens(shop, "Kim Müller", email="kim@mueller.example", phone="+49 89 123456")
    mail = opens(shop, "Frau M.", email="KIM@Mueller.example", phone="030 55555")
    both = opens(shop, "KIM MUELLER", email="", phone="(089) 123-456")
    opens(shop, "Stranger", email="x@x.example", phone="0043 1 999999")
    with shop.database.reading() as session:
        assert [(one.customer.id, one.by) for one in alike(session, kim)] == [
            (both, ("phone", "name")),
            (mail, ("email",)),
        ]
    merges(shop, kim, both)
    with shop.database.reading() as session:
        assert [one.customer.id for one in alike(session, kim)] == [mail]
        assert [one.customer.id for one in alike(session, mail)] == [kim]


def test_old_name_of_who_was_merged_finds_duplicates_too(shop: Shop) -> None:
    kim, former = opens(shop, "Kim", email="a@x.example"), opens(shop, "Lea", email="b@x.example", phone="0301111111")
    third = opens(shop, "L.", email="B@x.example", phone="0302222222")
    merges(shop, kim, former)
    with shop.database.reading() as session:
        assert [(one.customer.id, one.by) for one in alike(session, kim)] == [(third, ("email",))]


def test_customer_without_anything_is_like_nobody(shop: Shop) -> None:
    with shop.database.writing() as session:
        session.add_all(nobody := [CustomerRow(name=""), CustomerRow(name="")])
    with shop.database.reading() as session:
        assert alike(session, nobody[0].id) == []


@pytest.mark.parametrize(
    ("stays_lives", "goes_lives", "code"),
    [
        (None, None, None),
        (True, None, None),
        (False, None, None),
        (None, True, "merge_other_way_round"),
        (None, False, "merge_other_way_round"),
        (False, True, "merge_other_way_round"),
        (True, True, "merge_of_two_lives"),
        (True, False, None),
        (False, False, None),
    ],
)
def test_life_stays_with_its_customer(
    shop: Shop, stays_lives: bool | None, goes_lives: bool | None, code: str | None
) -> None:
    """None is no life, False one that has ended. Whose life is put away keeps it, and its history stays visible."""
    stays, goes = opens(shop), opens(shop)
    for customer, lives in ((stays, stays_lives), (goes, goes_lives)):
        if lives is not None:
            shop.registers(known=customer)
            if not lives:
                shop.lives(customer, Closed("left"), NOW)
    if code is not None:
        assert refusal(shop, stays, goes) == code
        return
    before = everything(shop.database)
    merged = merges(shop, stays, goes)
    assert len(merged.tickets) == 1
    if goes_lives is not None:
        assert shop.row(shop.life(goes)).customer == goes
    undoes(shop, merged)
    assert everything(shop.database) == before


def test_life_that_begins_for_who_was_merged_is_that_of_the_one_that_stayed(shop: Shop) -> None:
    stays, goes = opens(shop), opens(shop)
    merges(shop, stays, goes)
    assert shop.registers(known=goes) == stays


def test_merge_with_oneself_and_of_who_is_merged_already_is_refused(shop: Shop) -> None:
    a, b, c = opens(shop), opens(shop), opens(shop)
    merges(shop, a, b)
    assert refusal(shop, a, a) == "merge_with_oneself"
    assert refusal(shop, c, b) == "merged_already"
    assert refusal(shop, b, c) == "merged_already"


def test_same_merge_sent_twice_by_one_person_is_one_and_another_person_is_told(shop: Shop) -> None:
    stays, goes = opens(shop), opens(shop)
    assert merges(shop, stays, goes).id == merges(shop, stays, goes).id
    with pytest.raises(Refused, match="merged_already"):
        merges(shop, stays, goes, by="ina")


def test_contact_data_that_changed_since_the_preview_is_looked_at_again(shop: Shop) -> None:
    stays, goes = opens(shop), opens(shop)
    with pytest.raises(Refused, match="changed_meanwhile"):
        merges(shop, stays, goes, seen="old")
    assert row(shop, goes).merged_into is None


async def test_of_merges_at_the_same_moment_one_wins_and_the_others_are_told(shop: Shop) -> None:
    """In both directions and by several people; tickets that are opened meanwhile are under the one that stays."""
    one, other = opens(shop), opens(shop)

    def merged(stays: int, goes: int, by: str) -> str:
        try:
            merges(shop, stays, goes, by)
        except Refused as refused:
            return refused.code
        return "merged"

    def opened(n: int) -> str:
        new = NewTicket("anfrage", "musterstadt", f"Neu {n}", "", "anna", customer_id=(one, other)[n % 2])
        return str(shop.ticket_service.open_ticket(new, NOW).number)

    tries = [(one, other, "carl"), (other, one, "ina"), (one, other, "helga"), (other, one, "sven")]
    told = await asyncio.gather(
        *(asyncio.to_thread(merged, *each) for each in tries), *(asyncio.to_thread(opened, n) for n in range(4))
    )
    assert sorted(told[:4]) == ["merged", "merged_already", "merged_already", "merged_already"]
    with shop.database.reading() as session:
        stays = one if session.get_one(CustomerRow, one).merged_into is None else other
        tickets = session.exec(select(TicketRow)).all()
    assert {each.customer for each in tickets} == {stays}
    assert len(tickets) == 6


def notices(shop: Shop) -> Sequence[tuple[str, str]]:
    """Return mailbox and status of what customers are to be told."""
    with shop.database.reading() as session:
        rows = session.exec(select(NoticeRow).order_by(col(NoticeRow.id))).all()
    return [(each.mailbox, each.status) for each in rows if each.mailbox.startswith("customer:")]


def claims(shop: Shop) -> Claims:
    """Return the outbox as the post sees it."""
    return Claims(shop.database, Letters("http://test", "Shop <shop@test.example>", TEMPLATES))


def test_mail_goes_to_whom_its_ticket_belongs_when_it_is_sent(shop: Shop) -> None:
    """What waited for the merged one reaches the one that stayed; taken apart again, nobody reads the other's mail."""
    stays = opens(shop, email="stays@x.example")
    ticket = shop.inquiry("Kombi", email="goes@x.example")
    goes = customer_of(shop, ticket)
    shop.happens(ticket, Answered(), NOW, text="Vorher.")
    merged = merges(shop, stays, goes)
    handed_on = claims(shop).claim(f"customer:{goes}", LATER)
    assert (handed_on.mail, handed_on.settled.told) == (None, (f"customer:{stays}",))
    shop.happens(ticket, Answered(), NOW, text="Nachher.")
    mail = claims(shop).claim(f"customer:{stays}", LATER).mail
    assert mail is not None
    assert (mail.address, "Vorher." in mail.text) == ("stays@x.example", True)
    claims(shop).sent(mail, LATER)
    undoes(shop, merged)
    back = claims(shop).claim(f"customer:{stays}", LATER)
    assert (back.mail, back.settled.told) == (None, (f"customer:{goes}",))
    last = claims(shop).claim(f"customer:{goes}", LATER).mail
    assert last is not None
    assert (last.address, "Nachher." in last.text) == ("goes@x.example", True)
    assert mail.message_id in last.headers["References"]
    assert claims(shop).claim(f"customer:{stays}", LATER).found is False


def test_mail_about_a_life_that_was_put_away_reaches_the_one_that_stayed(shop: Shop) -> None:
    """It was accepted just before the life ended, and had not gone out yet."""
    stays = shop.registers("Ada", email="stays@x.example")
    goes = shop.registers("A.", email="goes@x.example")
    shop.lives(goes, Answered(), NOW, text="Alles Gute.")
    shop.lives(goes, Closed("left"), NOW)
    merges(shop, stays, goes)
    mail = claims(shop).claim(f"customer:{goes}", LATER).mail
    assert mail is not None
    assert mail.address == "stays@x.example"
    assert notices(shop) == [(f"customer:{goes}", "claimed")]


def test_edit_is_kept_with_who_and_what_it_was(shop: Shop) -> None:
    """And what nothing changes leaves no trace; the second of two editors is told, and nothing is overwritten."""
    customer = opens(shop)
    seen = contact_of(row(shop, customer))
    annas, pauls = seen | {"phone": "089 1"}, seen | {"company": "Kunde AG"}
    with shop.database.writing() as session:
        change(session, customer, annas, seen, "anna", NOW)
        change(session, customer, annas, seen, "anna", NOW)
        with pytest.raises(Overtaken) as overtaken:
            change(session, customer, pauls, seen, "paul", NOW)
        assert overtaken.value.fields == {"phone": "089 1"}
        with pytest.raises(Unknown):
            change(session, 999, pauls, seen, "paul", NOW)
    with shop.database.reading() as session:
        (trace,) = session.exec(select(AuditRow)).all()
    assert (trace.by, trace.what, trace.key, trace.before, trace.after) == ("anna", "customer", "1", seen, annas)


async def test_of_edits_at_the_same_moment_one_wins_and_the_others_are_told(shop: Shop) -> None:
    customer = opens(shop)
    seen = contact_of(row(shop, customer))

    def edited(n: int) -> str:
        try:
            with shop.database.writing() as session:
                change(session, customer, seen | {"name": f"Name {n}"}, seen, "anna", NOW)
        except Overtaken:
            return "told"
        return "kept"

    told = await asyncio.gather(*(asyncio.to_thread(edited, n) for n in range(4)))
    assert sorted(told) == ["kept", "told", "told", "told"]


def test_what_duplicates_are_found_by_follows_edits(shop: Shop) -> None:
    customer = opens(shop)
    with shop.database.writing() as session:
        session.get_one(CustomerRow, customer).company = "Groß AG"
    assert row(shop, customer).same_name == "kim kunde|gross"
