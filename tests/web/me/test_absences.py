"""Absences: who may enter them, which ones cannot be, and who stands in now."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain.staff.absence import Absence, circle
from models.tables import AbsenceRow, AuditRow, MailRow, NoticeRow, NoticeStatus, PersonRow
from tests.office import berlin
from tests.web.admin.test_administration import csrf
from tests.web.shop import NOW, Shop
from tests.web.visitor import Visitor

MINE = "/me/absences"
WEEK = {"since": "2027-03-08", "until": "2027-03-15", "deputy": "paul"}


def absences(shop: Shop) -> list[AbsenceRow]:
    """Return all absences in their order."""
    with shop.database.reading() as session:
        return list(session.exec(select(AbsenceRow).order_by(col(AbsenceRow.since))))


def trail(shop: Shop) -> list[tuple[str, str, object, object]]:
    """Return who changed whose absence, and its end before and after."""
    with shop.database.reading() as session:
        rows = session.exec(select(AuditRow).order_by(col(AuditRow.id))).all()
    return [(row.by, row.key, row.before.get("until"), row.after.get("until")) for row in rows]


def is_away(shop: Shop, short: str, since: str, until: str, deputy: str | None = None) -> None:
    """Somebody is away for a while."""
    with shop.database.writing() as session:
        session.add(AbsenceRow(person=short, since=berlin(since), until=berlin(until), deputy=deputy))


async def test_days_mean_their_beginnings_in_the_site_s_time(anna: Visitor, shop: Shop) -> None:
    """A day alone is whole; a time makes it later; both are in the trail."""
    await anna.sends(MINE, MINE, **WEEK)
    await anna.sends(MINE, MINE, since="2027-03-22T12:30", until="2027-03-24", until_time="08:15", deputy="")
    found = [(row.since, row.until, row.deputy) for row in absences(shop)]
    assert found == [
        (berlin("2027-03-08 00:00"), berlin("2027-03-15 00:00"), "paul"),
        (berlin("2027-03-22 12:30"), berlin("2027-03-24 08:15"), None),
    ]
    assert trail(shop)[0] == ("anna", "anna", None, "2027-03-15 00:00+01:00")
    page = (await anna.opens(MINE)).text
    assert "Mo 08.03.2027 00:00 bis Mo 15.03.2027 00:00" in page
    assert "Vertretung: Paul Seidl" in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"since": ""}, "since", "Bitte Datum und Uhrzeit wählen."),
        ({"since": "soon"}, "since", "Das ist kein Datum"),
        ({"until": "2027-03-08"}, "until", "Die Rückkehr muss nach dem Beginn liegen."),
        ({"until": "2027-03-07"}, "until", "Die Rückkehr muss nach dem Beginn liegen."),
        ({"since": "2027-02-01", "until": "2027-03-02", "until_time": "14:20"}, "until", "in der Vergangenheit"),
        ({"until": "2028-03-09"}, "until", "Höchstens ein Jahr"),
        ({"since": "2027-03-28", "since_time": "02:30", "until": "2027-04-02"}, "since", "Diese Uhrzeit gibt es nicht"),
        ({"deputy": "anna"}, "deputy", "Niemand vertritt sich selbst."),
        ({"deputy": "gone"}, "deputy", "Bitte eine Möglichkeit"),
        ({"deputy": "ina"}, "deputy", "Bitte eine Möglichkeit"),
    ],
)
async def test_absence_that_cannot_be_is_refused_at_the_field(
    anna: Visitor, shop: Shop, typed: dict[str, str], field: str, sentence: str
) -> None:
    """What was typed stays; nobody who left stands in."""
    with shop.database.writing() as session:
        session.get_one(PersonRow, "ina").active = False
    refused = await anna.sends(MINE, MINE, **{**WEEK, "until_time": "", **typed})
    assert refused.status_code == 422
    problem = refused.text.partition(f'id="{field}-problem">')[2].partition("</p>")[0]
    assert sentence.split(maxsplit=1)[0] in problem
    for name in ("since", "until"):
        assert f'name="{name}" type="date" value="{({**WEEK, **typed})[name]}"' in refused.text
    assert absences(shop) == []
    assert trail(shop) == []


async def test_year_and_a_day_is_too_long_and_a_year_is_not(anna: Visitor) -> None:
    """366 days, so that a leap year is a year."""
    too_long = await anna.sends(MINE, MINE, since="2027-03-08", until="2028-03-08", until_time="00:01", deputy="")
    assert too_long.status_code == 422
    assert (await anna.sends(MINE, MINE, since="2027-03-08", until="2028-03-08", deputy="")).status_code == 303


async def test_overlap_with_another_absence_of_the_same_person_is_refused(anna: Visitor, shop: Shop) -> None:
    """One that begins when the other ends does not overlap; colleagues' absences do not count."""
    is_away(shop, "anna", "2027-03-10 00:00", "2027-03-12 00:00")
    is_away(shop, "dora", "2027-03-08 00:00", "2027-03-15 00:00")
    refused = await anna.sends(MINE, MINE, **WEEK)
    assert refused.status_code == 422
    assert "von Mi 10.03.2027 00:00 bis Fr 12.03.2027 00:00" in refused.text
    assert (await anna.sends(MINE, MINE, **{**WEEK, "until": "2027-03-10"})).status_code == 303
    assert (await anna.sends(MINE, MINE, **{**WEEK, "since": "2027-03-12"})).status_code == 303


async def test_circle_of_deputies_is_refused_with_their_names(anna: Visitor, shop: Shop) -> None:
    """Anna, Paul and Dora would wait for each other on Tuesday; the week before nobody minds."""
    is_away(shop, "paul", "2027-03-09 00:00", "2027-03-20 00:00", "dora")
    is_away(shop, "dora", "2027-03-09 12:00", "2027-03-10 00:00", "anna")
    refused = await anna.sends(MINE, MINE, **WEEK)
    assert refused.status_code == 422
    assert "im Kreis vertreten: Anna Berger → Paul Seidl → Dora Lindner → Anna Berger." in refused.text
    earlier = {**WEEK, "since": "2027-03-03", "until": "2027-03-09", "until_time": "12:00"}
    assert (await anna.sends(MINE, MINE, **earlier)).status_code == 303


def test_circle_among_others_is_not_blamed_on_a_third() -> None:
    """Only who closes a circle hears of it."""
    week = (berlin("2027-03-08 00:00"), berlin("2027-03-15 00:00"))
    others = {"paul": [Absence(*week, "dora")], "dora": [Absence(*week, "paul")]}
    mine = Absence(*week, "paul")
    assert circle("anna", {**others, "anna": [mine]}, mine) == []
    assert circle("paul", others, others["paul"][0]) == ["paul", "dora"]


async def test_current_absence_shows_who_stands_in_and_ends_now(anna: Visitor, shop: Shop) -> None:
    """The deputy's deputy, where the deputy is away too; ended, it is over at once."""
    is_away(shop, "anna", "2027-03-01 00:00", "2027-03-15 00:00", "paul")
    is_away(shop, "paul", "2027-03-02 00:00", "2027-03-03 00:00", "dora")
    assert "es vertritt: Dora Lindner" in (await anna.opens(MINE)).text
    (number, *_) = (row.id for row in absences(shop))
    ended = await anna.sends(MINE, f"{MINE}/{number}/end")
    assert ended.status_code == 303
    assert absences(shop)[0].until == NOW
    assert trail(shop) == [("anna", "anna", "2027-03-15 00:00+01:00", "2027-03-02 14:20+01:00")]
    assert "jetzt abwesend" not in (await anna.opens(MINE)).text


async def test_deputy_sees_for_whom_they_stand_in(visitor: Callable[[], Visitor], shop: Shop) -> None:
    """On their own page."""
    is_away(shop, "anna", "2027-03-01 00:00", "2027-03-15 00:00", "paul")
    paul = visitor()
    await paul.signs_in("paul")
    assert "Sie vertreten zurzeit Anna Berger." in (await paul.opens(MINE)).text


async def test_absence_to_come_is_deleted_and_what_is_over_stays(anna: Visitor, shop: Shop) -> None:
    """Only what is to come can be deleted, only what holds now ended, and nobody's else."""
    is_away(shop, "anna", "2027-02-01 00:00", "2027-02-05 00:00")
    is_away(shop, "anna", "2027-04-01 00:00", "2027-04-05 00:00")
    is_away(shop, "paul", "2027-04-01 00:00", "2027-04-05 00:00")
    over, ahead, pauls = (row.id for row in absences(shop))
    token = await csrf(anna)
    for path in (f"{over}/end", f"{over}/delete", f"{ahead}/end", f"{pauls}/delete", f"{ahead}/explode", "99999/end"):
        assert (await anna.posts(f"{MINE}/{path}", csrf=token)).status_code == 404
    assert (await anna.posts(f"{MINE}/{ahead}/delete")).status_code == 403
    assert (await anna.sends(MINE, f"{MINE}/{ahead}/delete")).status_code == 303
    assert [row.id for row in absences(shop)] == [over, pauls]
    assert trail(shop) == [("anna", "anna", "2027-04-05 00:00+02:00", None)]


@pytest.mark.parametrize(("who", "status"), [("carl", 200), ("helga", 200), ("dora", 403), ("paul", 403)])
async def test_absences_of_others_are_for_controllers_and_administrators(
    visitor: Callable[[], Visitor], shop: Shop, who: str, status: int
) -> None:
    """Pages and forms alike."""
    somebody = visitor()
    await somebody.signs_in(who)
    path = "/people/anna/absences"
    assert (await somebody.opens(path)).status_code == status
    sent = await somebody.posts(path, csrf=await csrf(somebody), **WEEK)
    assert (sent.status_code == 303) == (status == 200)
    assert [entry[:2] for entry in trail(shop)] == ([(who, "anna")] if status == 200 else [])


async def test_administrator_enters_absences_of_others(visitor: Callable[[], Visitor], shop: Shop) -> None:
    """Somebody who is ill does not sign in; somebody who is not there has no page."""
    with shop.database.writing() as session:
        session.get_one(PersonRow, "ina").roles = ["admin"]
        session.get_one(PersonRow, "ina").password_hash = session.get_one(PersonRow, "anna").password_hash
    ina = visitor()
    await ina.signs_in("ina")
    path = "/people/anna/absences"
    assert (await ina.sends(path, path, since="2027-03-02", until="2027-03-05", deputy="paul")).status_code == 303
    page = (await ina.opens(path)).text
    assert "es vertritt: Paul Seidl" in page
    assert "Alle offenen Vorgänge von Anna Berger übergeben an" in page
    assert (await ina.opens("/people/nobody/absences")).status_code == 404


async def test_form_of_another_site_enters_no_absence(anna: Visitor, shop: Shop) -> None:
    """Without the session's token nothing counts."""
    assert (await anna.posts(MINE, **WEEK)).status_code == 403
    assert absences(shop) == []


async def test_seller_gives_nothing_away_from_their_own_page(anna: Visitor) -> None:
    """Redistribution is for those who oversee."""
    assert "/redistribution" not in (await anna.opens(MINE)).text


async def test_quiet_page_counts_a_week_of_mails_for_controllers(carl: Visitor, anna: Visitor, shop: Shop) -> None:
    """Each column from what really happened; what is older than a week, or pops up, does not count."""
    write_mails(shop)
    page = (await carl.opens("/quiet")).text
    row = page.partition('<th scope="row">Anna Berger</th>')[2].partition("</tr>")[0]
    counts = [cell.partition("<")[0] for cell in row.split('class="count">')[1:]]
    assert counts == ["6", "3", "1", "1", "1", "1"]
    assert (await anna.opens("/quiet")).status_code == 403
    assert 'href="/quiet"' not in (await anna.opens("/")).text


def write_mails(shop: Shop) -> None:
    """Write Anna six mails within the hour, one of them with three notices, and one notice of every fate."""
    with shop.database.writing() as session:
        for earlier in session.exec(select(NoticeRow)):
            earlier.status = NoticeStatus.FAILED
        for n in range(7):
            at = NOW - (timedelta(minutes=n) if n < 6 else timedelta(days=8))
            mail = MailRow(message_id=f"<{n}>", mailbox="person:anna", address="anna@x.example", subject="")
            mail.status, mail.claimed_at, mail.sent_at = NoticeStatus.SENT, at, at
            session.add(mail)
            session.flush()
            for each in range(3 if n in (0, 6) else 1):
                session.add(notice(f"sent {n} {each}", NoticeStatus.SENT, at=at, mail=mail.id))
        fates = (NoticeStatus.WITHDRAWN, NoticeStatus.OFF, NoticeStatus.WAITING)
        for fate in fates:
            session.add(notice(fate, fate))
            session.add(notice(f"pop-up {fate}", fate, channel="pop-up"))
        session.add(notice("old", NoticeStatus.WITHDRAWN, at=NOW - timedelta(days=7)))
        session.add(notice("empty list", NoticeStatus.WITHDRAWN, ticket=None))
        session.add(notice("deputy", NoticeStatus.SENT, mailbox="person:paul", instead_of="anna"))


def notice(key: str, status: NoticeStatus, **fields: Any) -> NoticeRow:
    """Return a notice to Anna about a ticket, now."""
    usual: dict[str, Any] = {"ticket": 1, "mailbox": "person:anna", "channel": "mail", "kind": "R1", "at": NOW}
    return NoticeRow(key=key, deliver="business hours", status=status, **{**usual, **fields})
