"""The administration: for whom it is, what it refuses, and the trail of who changed what."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from activities.ledger import planning
from models.tables import AuditRow, DefinitionRow, NoticeLockRow, PersonRow, SessionRow, SiteRow, TicketRow
from processes.loader import shipped_catalogue
from tests.activities.ledger.test_closed_for_good import OVER
from tests.web.shop import CHEAP, PASSWORD, Shop
from tests.web.visitor import HERE, Visitor

PAGES = ["/admin", "/admin/people", "/admin/people/new", "/admin/people/anna", "/admin/sites", "/admin/sites/new"]
PAGES += ["/admin/sites/musterstadt", "/admin/locks", "/admin/audit"]
FORMS = ["/admin/people/new", "/admin/people/anna", "/admin/sites/new", "/admin/sites/musterstadt", "/admin/locks"]
ANNA = {"name": "Anna Berger", "email": "anna@musterstadt.example", "language": "de", "site": "musterstadt"}
ANNA |= {"role:salesperson": "on", "active": "on"}
NIGHT = """
default = "night"
[levels.night]
title = { de = "Nachts", en = "At night" }
window = "on-call"
group = "commercial"
calendar = "night"
"""
OVER_TABLE = (
    OVER.replace("[hours]", "hours = {}")
    .replace("[exceptions]\n", "exceptions.")
    .replace("zone", "[calendars.night]\nzone", 1)
)
LISTS = """
[[digests]]
code = "EL1"
title = { de = "Tagesliste", en = "Daily list" }
cites = "AC-13"
weekdays = ["mon"]
at = "06:15"
content = "due"
to = "owner"
"""


@pytest.fixture
async def ada(shop: Shop, visitor: Callable[[], Visitor]) -> Visitor:
    """Return an administrator who is signed in."""
    hashed = CHEAP.hash(PASSWORD)
    with shop.database.writing() as session:
        session.add(
            PersonRow(
                short="ada",
                name="Ada Vogt",
                email="ada@musterstadt.example",
                site="musterstadt",
                roles=["admin"],
                password_hash=hashed,
            )
        )
    arrived = visitor()
    await arrived.signs_in("ada")
    return arrived


def trail(shop: Shop) -> list[AuditRow]:
    """Return the trail, oldest first."""
    with shop.database.reading() as session:
        return list(session.exec(select(AuditRow).order_by(col(AuditRow.id))))


def somebody(shop: Shop, short: str) -> PersonRow:
    """Return somebody's row."""
    with shop.database.reading() as session:
        return session.get_one(PersonRow, short)


async def calendar(ada: Visitor, shop: Shop, **typed: str) -> dict[str, str]:
    """Return the form of the site as it would be sent back."""
    with shop.database.reading() as session:
        site = session.get_one(SiteRow, "musterstadt")
    form = {"name": site.name, "calendar": site.calendar, "digests": "", "distribution": "by hand"}
    return {**form, "mails_per_hour": "6", **typed}


@pytest.mark.parametrize("path", PAGES)
async def test_administration_is_for_administrators(ada: Visitor, carl: Visitor, anna: Visitor, path: str) -> None:
    """Controllers and sellers get 403, and no entry in their menu."""
    assert (await ada.opens(path)).status_code in (200, 303)
    for other in (anna, carl):
        assert (await other.opens(path)).status_code == 403
        assert "/admin/people" not in (await other.opens("/")).text
    assert "/admin/people" in (await ada.opens("/")).text


@pytest.mark.parametrize("path", FORMS)
async def test_forms_are_for_administrators_and_not_for_other_sites(
    ada: Visitor, anna: Visitor, shop: Shop, path: str
) -> None:
    """A seller's own token opens nothing, and nobody's form counts without one."""
    assert (await anna.sends("/me/notifications", "/me/notifications")).status_code == 422
    sent = await anna.client.post(path, data={"csrf": await csrf(anna), **ANNA}, headers=HERE)
    assert sent.status_code == 403
    assert (await ada.posts(path, **ANNA)).status_code == 403
    elsewhere = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    assert (await ada.client.post(path, data={"csrf": await csrf(ada)}, headers=elsewhere)).status_code == 403
    assert trail(shop) == []


async def csrf(who: Visitor) -> str:
    """Return the token of somebody's session."""
    return (await who.opens("/")).text.partition('data-csrf="')[2].partition('"')[0]


async def test_new_person_can_sign_in_and_is_in_the_trail_without_the_password(
    ada: Visitor, visitor: Callable[[], Visitor], shop: Shop
) -> None:
    """Before is empty, after says that a password was set, and neither holds it or its hash."""
    typed = {**ANNA, "short": "nora", "name": "Nora Neu", "email": "nora@musterstadt.example"}
    secret = {"password": "ten letters", "password_again": "ten letters"}
    created = await ada.sends("/admin/people/new", "/admin/people/new", **typed, **secret)
    assert (created.status_code, created.headers["location"]) == (303, "/admin/people/nora")
    assert (await visitor().signs_in("nora", "ten letters")).status_code == 303
    (entry,) = trail(shop)
    assert (entry.by, entry.what, entry.key, entry.before) == ("ada", "person", "nora", {})
    assert entry.after["roles"] == ["salesperson"]
    assert entry.after["password"] == "set"
    assert "ten letters" not in str(entry.after)
    assert "argon2" not in str(entry.after)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"short": "anna"}, "short"),
        ({"short": "new"}, "short"),
        ({"short": "Nora"}, "short"),
        ({"short": "no ra"}, "short"),
        ({"short": "-"}, "short"),
        ({"short": "n" * 33}, "short"),
        ({"short": ""}, "short"),
        ({"name": "Nora\u202e"}, "name"),
        ({"name": ""}, "name"),
        ({"email": ""}, "email"),
        ({"email": "nora"}, "email"),
        ({"language": "fr"}, "language"),
        ({"site": "nowhere"}, "site"),
        ({"offset:E2.1": "soon"}, "offset-E2.1"),
        ({"offset:E2.1": "3d"}, "offset-E2.1"),
        ({"offset:E2.1": "99999h"}, "offset-E2.1"),
        ({"offset:WR1": "0m"}, "offset-WR1"),
        ({"offset:WR1": "169h"}, "offset-WR1"),
        ({"password": "nine char", "password_again": "nine char"}, "password"),
        ({"password": "ten letters", "password_again": "ten Letters"}, "password_again"),
        ({"password": "", "password_again": "ten letters"}, "password"),
    ],
)
async def test_person_that_cannot_be_is_refused_at_the_field(
    ada: Visitor, shop: Shop, typed: dict[str, str], field: str
) -> None:
    """What was typed is still there, but for the passwords; nothing is written."""
    whole = {**ANNA, "short": "nora", "name": "Nora Neu", "role:pool": "on", **typed}
    refused = await ada.sends("/admin/people/new", "/admin/people/new", **whole)
    assert refused.status_code == 422
    assert f'id="{field}-problem"' in refused.text
    assert 'name="role:pool" checked' in refused.text
    assert whole["name"] in refused.text
    assert "letters" not in refused.text
    assert trail(shop) == []


async def test_own_spans_are_kept_as_definitions_write_them(ada: Visitor, shop: Shop) -> None:
    """Spaces and capitals do not matter; the reminder is kept in minutes, as people set it for themselves."""
    spans = {"offset:E2.1": " 8 H ", "offset:WR1": "1h30m", "offset:intake.escalated": "2d"}
    await ada.sends("/admin/people/anna", "/admin/people/anna", **ANNA, **spans)
    assert somebody(shop, "anna").offsets == {"E2.1": "8h", "WR1": "90m", "intake.escalated": "2d"}
    page = (await ada.opens("/admin/people/anna")).text
    assert 'name="offset:E2.1" type="text" value="8h"' in page


async def test_own_span_must_fit_the_clocks_of_older_versions_too(ada: Visitor, shop: Shop) -> None:
    """Tickets stay pinned to old versions; a span that one of them cannot read would stop those tickets."""
    with shop.database.writing() as session:
        now = session.exec(select(DefinitionRow).where(DefinitionRow.key == "anfrage")).one()
        for number, text in ((2, in_days(now.text)), (3, now.text)):
            session.add(DefinitionRow(key="anfrage", number=number, fingerprint=str(number), text=text))
    refused = await ada.sends("/admin/people/anna", "/admin/people/anna", **ANNA, **{"offset:E2.1": "8h"})
    assert refused.status_code == 422
    assert 'id="offset-E2.1-problem"' in refused.text


def in_days(text: str) -> str:
    """Return the definition with an escalation that is counted in working days."""
    before, code, after = text.partition('code = "E2.1"')
    return before + code + after.replace('span = "4h"', 'span = "1d"', 1).replace("business hours", "working days", 1)


async def test_change_is_in_the_trail_as_it_was_and_as_it_became(ada: Visitor, shop: Shop) -> None:
    """The short name stays, whatever the form says; saving again without a change leaves no second entry."""
    typed = {**ANNA, "name": "Anna Berg", "role:pool": "on", "short": "other"}
    for _ in range(2):
        saved = await ada.sends("/admin/people/anna", "/admin/people/anna", **typed)
        assert saved.status_code == 303
    (entry,) = trail(shop)
    assert (entry.before["name"], entry.after["name"]) == ("Anna Berger", "Anna Berg")
    assert (entry.before["roles"], entry.after["roles"]) == (["salesperson"], ["pool", "salesperson"])
    assert somebody(shop, "anna").name == "Anna Berg"
    page = (await ada.opens("/admin/audit")).text
    assert "Anna Berg" in page
    assert "Ada Vogt" in page


async def test_deactivation_ends_sessions_and_points_to_open_tickets(ada: Visitor, anna: Visitor, shop: Shop) -> None:
    """Reactivated, they have to sign in again."""
    gone = {name: value for name, value in ANNA.items() if name != "active"}
    await ada.sends("/admin/people/anna", "/admin/people/anna", **gone)
    page = (await ada.opens("/admin/people/anna")).text
    assert "6 offene Vorgänge" in page
    assert 'href="/people/anna/absences#tickets"' in page
    with shop.database.reading() as session:
        assert session.exec(select(SessionRow).where(SessionRow.person == "anna")).all() == []
    await ada.sends("/admin/people/anna", "/admin/people/anna", **ANNA)
    assert (await anna.opens("/")).status_code == 303


async def test_new_password_ends_sessions_but_not_one_s_own(
    ada: Visitor, anna: Visitor, visitor: Callable[[], Visitor]
) -> None:
    """Whoever knew the old one is out."""
    secret = {"password": "brand new one", "password_again": "brand new one"}
    await ada.sends("/admin/people/anna", "/admin/people/anna", **ANNA, **secret)
    assert (await anna.opens("/")).status_code == 303
    assert (await visitor().signs_in("anna")).status_code == 422
    assert (await visitor().signs_in("anna", "brand new one")).status_code == 303
    own = {**ANNA, "name": "Ada Vogt", "role:admin": "on"}
    await ada.sends("/admin/people/ada", "/admin/people/ada", **own, **secret)
    assert (await ada.opens("/admin/people")).status_code == 200


@pytest.mark.parametrize(("missing", "problem"), [("role:admin", "roles-problem"), ("active", "active-problem")])
async def test_administrator_cannot_lock_themselves_out(ada: Visitor, shop: Shop, missing: str, problem: str) -> None:
    """Somebody else can, so one is always left."""
    own = {**ANNA, "name": "Ada Vogt", "role:admin": "on"}
    own.pop(missing)
    refused = await ada.sends("/admin/people/ada", "/admin/people/ada", **own)
    assert refused.status_code == 422
    assert f'id="{problem}"' in refused.text
    assert somebody(shop, "ada").roles == ["admin"]
    assert somebody(shop, "ada").active


async def test_unknown_person_and_site_get_a_page(ada: Visitor) -> None:
    """404, also for what was never there."""
    assert (await ada.opens("/admin/people/nobody")).status_code == 404
    assert (await ada.opens("/admin/sites/nowhere")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"calendar": "zone = "}, "calendar", "this is not TOML"),
        ({"calendar": 'zone = "Mars/North"'}, "calendar", "holidays: is missing"),
        ({"calendar": ""}, "calendar", "Bitte"),
        ({"calendar": "a = " + "[" * 5000}, "calendar", "lässt sich nicht lesen"),
        ({"calendar": OVER}, "calendar", "never open after 2027-03-02"),
        ({"catalogue": f"{NIGHT}{OVER_TABLE}"}, "catalogue", "never open after 2027-03-02"),
        ({"digests": "[[digests]]\ncode = 1"}, "digests", "at least one day"),
        ({"digests": LISTS.replace("EL1", "EL9")}, "digests", "EL1, EL2, KD13 only"),
        ({"catalogue": "default ="}, "catalogue", "this is not TOML"),
        (
            {"catalogue": shipped_catalogue().replace('E1 = "1h"', 'E9 = "1h"')},
            "catalogue",
            "E9: there is no such moment",
        ),
        ({"distribution": "at random"}, "distribution", "Bitte"),
        ({"mails_per_hour": "-1"}, "mails_per_hour", "0 bis 999"),
        ({"mails_per_hour": "1000"}, "mails_per_hour", "0 bis 999"),
        ({"name": ""}, "name", "Bitte"),
    ],
)
async def test_site_that_cannot_be_is_refused_at_the_field(
    ada: Visitor, shop: Shop, typed: dict[str, str], field: str, words: str
) -> None:
    """The reader's own error stands at the field, and what was typed stays."""
    form = await calendar(ada, shop, **{"name": "Neustadt", **typed})
    refused = await ada.sends("/admin/sites/musterstadt", "/admin/sites/musterstadt", **form)
    assert refused.status_code == 422
    problem = refused.text.partition(f'id="{field}-problem">')[2].partition("</p>")[0]
    assert words in problem
    assert form["name"] in refused.text
    assert trail(shop) == []


async def test_site_is_kept_and_the_page_says_when_the_engine_is_down(ada: Visitor, shop: Shop) -> None:
    """The setting counts at once; the schedules follow when it is saved again, or with `setup`."""
    form = await calendar(ada, shop, digests=LISTS, distribution="round robin", mails_per_hour="0")
    saved = await ada.sends("/admin/sites/musterstadt", "/admin/sites/musterstadt", **form)
    assert saved.status_code == 303
    assert "Die Engine antwortet nicht" in (await ada.opens("/admin/sites/musterstadt")).text
    with shop.database.reading() as session:
        site = session.get_one(SiteRow, "musterstadt")
    assert (site.distribution, site.mails_per_hour, site.digests.strip()) == ("round robin", 0, LISTS.strip())
    (entry,) = trail(shop)
    assert (entry.what, entry.before["distribution"], entry.after["distribution"]) == ("site", "by hand", "round robin")
    assert entry.before["calendar"] == entry.after["calendar"]


async def test_site_says_how_many_tickets_are_still_to_be_planned_with_its_new_hours(ada: Visitor, shop: Shop) -> None:
    """The sweep does it within a minute; the page shows what is left."""
    with shop.database.writing() as session:
        for row in session.exec(select(TicketRow)).all():
            row.planned_with = planning.surroundings(session, row.site, row.owner)
    assert "gerade neu gezählt" not in (await ada.opens("/admin/sites/musterstadt")).text
    form = await calendar(ada, shop)
    form["calendar"] = form["calendar"].replace('sat = ["09:00-13:00"]', "")
    await ada.sends("/admin/sites/musterstadt", "/admin/sites/musterstadt", **form)
    with shop.database.reading() as session:
        left = len(session.exec(select(TicketRow).where(TicketRow.started, ~col(TicketRow.closed))).all())
    said = f"Die Fristen {left} offener Vorgänge werden gerade neu gezählt"
    assert said in (await ada.opens("/admin/sites/musterstadt")).text


async def test_sl_01_table_of_a_site_decides_about_what_arrives_next(ada: Visitor, shop: Shop) -> None:
    """The ticket's page says which row decided; the table can be taken back."""
    by_phone = shipped_catalogue() + '\n[[rows]]\nchannel = "phone"\nlevel = "extended"\n'
    form = await calendar(ada, shop, catalogue=by_phone)
    await ada.sends("/admin/sites/musterstadt", "/admin/sites/musterstadt", **form)
    assert "channel = &#34;phone&#34;" in (await ada.opens("/admin/sites/musterstadt")).text
    told = (await ada.opens(f"/tickets/{shop.inquiry(channel='phone')}")).text
    assert "Verlängerte Geschäftszeiten: Zeile 4 (Kanal phone)" in told
    await ada.sends("/admin/sites/musterstadt", "/admin/sites/musterstadt", **{**form, "catalogue": ""})
    assert "Service-Level" not in (await ada.opens(f"/tickets/{shop.inquiry(channel='phone')}")).text
    assert [bool(entry.after["catalogue"]) for entry in trail(shop)] == [True, False]


async def test_new_site_has_a_key_of_its_own(ada: Visitor, shop: Shop) -> None:
    """A key that is taken is refused; a new one stays."""
    form = await calendar(ada, shop, name="Neustadt")
    taken = await ada.sends("/admin/sites/new", "/admin/sites/new", **form, key="musterstadt")
    assert taken.status_code == 422
    assert 'id="key-problem"' in taken.text
    created = await ada.sends("/admin/sites/new", "/admin/sites/new", **form, key="neustadt")
    assert created.headers["location"] == "/admin/sites/neustadt"
    assert [entry.key for entry in trail(shop)] == ["neustadt"]


async def test_locks_decide_for_everybody_and_can_be_opened_again(ada: Visitor, shop: Shop) -> None:
    """Each change is an entry of its own; what did not change leaves none."""
    locks = {"R1:mail": "on", "DM1:mail": "off", "EL1:mail": "free"}
    assert (await ada.sends("/admin/locks", "/admin/locks", **locks)).status_code == 303
    with shop.database.reading() as session:
        rows = {(row.kind, row.channel): row.on for row in session.exec(select(NoticeLockRow))}
    assert rows == {("R1", "mail"): True, ("DM1", "mail"): False}
    await ada.sends("/admin/locks", "/admin/locks", **{"R1:mail": "free"})
    with shop.database.reading() as session:
        assert [row.kind for row in session.exec(select(NoticeLockRow))] == ["DM1"]
    said = [(entry.key, entry.before["state"], entry.after["state"]) for entry in trail(shop)]
    assert sorted(said[:2]) == [("DM1:mail", "free", "off"), ("R1:mail", "free", "on")]
    assert said[2:] == [("R1:mail", "on", "free")]


async def test_unknown_lock_state_is_refused_and_escalation_has_no_lock(ada: Visitor, shop: Shop) -> None:
    """Only what people may switch can be decided for them."""
    refused = await ada.sends("/admin/locks", "/admin/locks", **{"R1:mail": "sometimes", "DM1:mail": "off"})
    assert refused.status_code == 422
    assert 'value="off" selected' in refused.text
    assert trail(shop) == []
    assert 'name="E2.1:' not in (await ada.opens("/admin/locks")).text


async def test_lock_of_a_kind_that_is_no_longer_sent_can_be_opened(ada: Visitor, shop: Shop) -> None:
    """It would hold for good otherwise."""
    with shop.database.writing() as session:
        session.add(NoticeLockRow(kind="OLD", channel="mail", on=False))
    assert 'name="OLD:mail"' in (await ada.opens("/admin/locks")).text
    await ada.sends("/admin/locks", "/admin/locks", **{"OLD:mail": "free"})
    assert 'name="OLD:mail"' not in (await ada.opens("/admin/locks")).text


async def test_trail_is_paged_newest_first_and_narrowed_by_what(ada: Visitor, shop: Shop) -> None:
    """25 a page; a page that is no number is the first."""
    for n in range(26):
        await ada.sends("/admin/locks", "/admin/locks", **{"R1:mail": ("on", "off")[n % 2]})
    await ada.sends("/admin/people/anna", "/admin/people/anna", **ANNA, **{"role:pool": "on"})
    first = (await ada.opens("/admin/audit")).text
    assert first.count("<li class") == 25
    assert first.index("anna") < first.index("R1:mail")
    assert (await ada.opens("/admin/audit?page=2")).text.count("<li class") == 2
    assert (await ada.opens("/admin/audit?what=person&page=x")).text.count("<li class") == 1
    assert (await ada.opens("/admin/audit?what=nonsense")).text.count("<li class") == 25
