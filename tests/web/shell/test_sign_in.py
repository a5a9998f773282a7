"""Signing in, staying signed in, and who may not."""

from collections.abc import Callable
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from models.tables import PersonRow, SessionRow
from tests.web.shop import NOW, PASSWORD, Shop
from tests.web.visitor import HERE, Visitor
from web.shell.passwords import Passwords
from web.shell.sign_in import safe_next

Arrive = Callable[[], Visitor]


async def test_pages_ask_for_signing_in_and_lead_back(visitor: Arrive) -> None:
    """Who opens a ticket from a mail signs in first and lands on that ticket."""
    somebody = visitor()
    asked = await somebody.opens("/tickets/3")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/tickets/3")
    signed_in = await somebody.signs_in("anna", going_to="/tickets/3")
    assert signed_in.headers["location"] == "/tickets/3"
    assert (await somebody.opens("/tickets/3")).status_code == 200


async def test_session_cookie_is_hidden_from_scripts_and_other_sites(visitor: Arrive) -> None:
    """The cookie is HttpOnly and SameSite=Lax, and lasts twelve hours."""
    cookie = SimpleCookie((await visitor().signs_in("anna")).headers["set-cookie"])["statuskette"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "lax", str(12 * 3600))


async def test_database_keeps_only_the_hash_of_a_session(anna: Visitor, shop: Shop) -> None:
    """A stolen copy of the database opens no session."""
    with shop.database.reading() as session:
        hashes = session.exec(select(SessionRow.token_hash)).all()
    assert anna.client.cookies["statuskette"] not in hashes


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna", "")])
async def test_wrong_name_and_wrong_password_look_the_same(visitor: Arrive, name: str, password: str) -> None:
    """Nobody learns from the page which names exist; the name stays typed."""
    refused = await visitor().signs_in(name, password)
    assert refused.status_code == 422
    assert "Name und Passwort passen nicht zusammen." in refused.text
    assert f'value="{name}"' in refused.text


async def test_inactive_people_are_out_at_once(anna: Visitor, shop: Shop) -> None:
    """Who left the company loses the running session too."""
    with shop.database.writing() as session:
        session.get_one(PersonRow, "anna").active = False
    assert (await anna.opens("/")).status_code == 303


async def test_session_ends_after_twelve_hours(anna: Visitor, shop: Shop) -> None:
    """At twelve hours the session is over."""
    with shop.database.writing() as session:
        session.exec(select(SessionRow)).one().expires_at = NOW
    assert (await anna.opens("/")).status_code == 303
    with shop.database.writing() as session:
        session.exec(select(SessionRow)).one().expires_at = NOW + timedelta(seconds=1)
    assert (await anna.opens("/")).status_code == 200


async def test_signing_out_deletes_the_session(anna: Visitor, shop: Shop) -> None:
    """After signing out the old cookie opens nothing, wherever it was copied to."""
    await anna.sends("/", "/sign-out")
    with shop.database.reading() as session:
        assert session.exec(select(SessionRow)).all() == []
    assert "Sie sind abgemeldet." in (await anna.opens("/sign-in")).text


async def test_sixth_try_is_slowed_down_even_with_the_right_password(visitor: Arrive) -> None:
    """Five tries in five minutes; the sixth gets a sentence and keeps the name."""
    somebody = visitor()
    for _ in range(5):
        assert (await somebody.signs_in("anna", "wrong")).status_code == 422
    slowed = await somebody.signs_in("Anna")
    assert slowed.status_code == 429
    assert "Zu viele Versuche" in slowed.text
    assert 'value="Anna"' in slowed.text
    assert (await visitor().signs_in("paul")).status_code == 303


async def test_old_hash_is_renewed_at_the_next_sign_in(visitor: Arrive, shop: Shop) -> None:
    """A hash of weaker parameters is replaced once the password is known."""
    old = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)).hash(PASSWORD)
    with shop.database.writing() as session:
        session.get_one(PersonRow, "anna").password_hash = old
    await visitor().signs_in("anna")
    with shop.database.reading() as session:
        assert session.get_one(PersonRow, "anna").password_hash != old


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "",
        "/a\r\nb",
        "evil",
    ],
)
def test_next_never_leads_to_another_site(path: str) -> None:
    """Anything but a path of ours becomes the first page."""
    assert safe_next(path) == "/"


def test_next_keeps_a_path_with_its_query() -> None:
    """A filtered list survives signing in."""
    assert safe_next("/all?light=red&q=a b") == "/all?light=red&q=a b"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_forms_of_other_sites_are_refused(anna: Visitor, headers: dict[str, str]) -> None:
    """Even with the right token, a form sent from elsewhere changes nothing."""
    page = await anna.opens("/me/notifications")
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    fields = {"csrf": token, "language": "en"}
    assert (await anna.client.post("/me/notifications", data=fields, headers=headers)).status_code == 403
    assert (await anna.client.post("/me/notifications", data=fields, headers=HERE)).status_code == 303


@pytest.mark.parametrize(
    "action", ["/tickets/1/answer", "/tickets/new", "/me/notifications", "/popups/1/seen", "/sign-out"]
)
async def test_every_form_needs_the_token_of_its_session(anna: Visitor, action: str) -> None:
    """Without the token, or with another one, nothing is accepted."""
    assert (await anna.posts(action)).status_code == 403
    assert (await anna.posts(action, csrf="x" * 43)).status_code == 403


async def test_signing_in_needs_a_token_too(visitor: Arrive) -> None:
    """Nobody can be signed in under another name by another site."""
    assert (await visitor().posts("/sign-in", name="anna", password=PASSWORD)).status_code == 403


async def test_text_typed_while_the_session_ended_is_handed_back(visitor: Arrive) -> None:
    """Nothing typed is lost: the page that asks to sign in again shows the text."""
    answer = await visitor().posts("/tickets/1/answer", text="Lange Antwort <b>")
    assert answer.status_code == 401
    assert "Lange Antwort &lt;b&gt;" in answer.text


async def test_sign_in_page_speaks_the_browser_s_language(visitor: Arrive) -> None:
    """English where the browser prefers it, German otherwise."""
    assert "Anmelden" in (await visitor().opens("/sign-in")).text
    english = await visitor().opens("/sign-in", **{"accept-language": "fr, en;q=0.9, de;q=0.8"})
    assert '<html lang="en"' in english.text
    assert "Sign in" in english.text
