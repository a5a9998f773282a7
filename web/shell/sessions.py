"""Who is signed in: server-side sessions behind a cookie.

The table holds hashes, so a stolen copy opens nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import col, delete

from models.tables import PersonRow, SessionRow
from web.shell.services import Services, WithServices

LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class Signed:
    """A signed-in person and the secret that every form of their session carries."""

    person: PersonRow
    csrf: str


class SignInNeeded(Exception):
    """The page is for people who are signed in."""


def session_cookie(services: Services) -> str:
    """Return the cookie's name; with TLS the prefix makes browsers refuse copies set by neighbours."""
    return "__Host-statuskette" if services.https else "statuskette"


def signed_or_none(request: Request, services: WithServices) -> Signed | None:
    """Return who is signed in; nobody after twelve hours, after signing out, or once they are inactive."""
    token = request.cookies.get(session_cookie(services), "")
    if not token:
        return None
    with services.database.reading() as session:
        row = session.get(SessionRow, _hash(token))
        person = session.get(PersonRow, row.person) if row and row.expires_at > services.clock() else None
    if row is None or person is None or not person.active:
        return None
    request.state.language = person.language
    return Signed(person, row.csrf)


MaybeSigned = Annotated[Signed | None, Depends(signed_or_none)]


def signed(found: MaybeSigned) -> Signed:
    """Return who is signed in; everybody else is asked to sign in first."""
    if found is None:
        raise SignInNeeded
    return found


def begin(services: Services, person: str, response: Response) -> None:
    """Begin a session and put its token into the cookie; expired sessions are swept out on the way."""
    token = secrets.token_urlsafe(32)
    now = services.clock()
    row = SessionRow(token_hash=_hash(token), person=person, csrf=secrets.token_urlsafe(32), expires_at=now + LASTS)
    with services.database.writing() as session:
        session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
        session.add(row)
    set_cookie(services, response, session_cookie(services), token, LASTS)


def end(services: Services, request: Request, response: Response) -> None:
    """End the session of this browser."""
    token = request.cookies.get(session_cookie(services), "")
    with services.database.writing() as session:
        session.execute(delete(SessionRow).where(col(SessionRow.token_hash) == _hash(token)))
    response.delete_cookie(session_cookie(services), path="/", secure=services.https, httponly=True, samesite="lax")


def session_key(request: Request, services: Services) -> str:
    """Return the key under which the table holds this browser's session."""
    return _hash(request.cookies.get(session_cookie(services), ""))


def set_cookie(services: Services, response: Response, name: str, value: str, lasts: timedelta) -> None:
    """Set a cookie that scripts cannot read and that other sites' forms do not carry."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=services.https,
        httponly=True,
        samesite="lax",
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
