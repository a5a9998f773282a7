"""The pages of the mail catcher: a list, newest first, and one mail as text, as HTML in a sandbox, as source."""

import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from embedded.mailbag import Letter, Mailbag
from embedded.words import WORDS
from web.shell.translations import preferred

_HERE = Path(__file__).parent
_ZONE = ZoneInfo("Europe/Berlin")
_PAGE_SIZE = 50
_HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'none'; frame-ancestors 'self'"
)
"""What a caught mail may do: look the way it wants, and open its links in new windows. Nothing runs, nothing loads."""


def create_app(mailbag: Mailbag) -> FastAPI:
    """Return the pages of a mailbag."""
    app = FastAPI(title="Statuskette mails", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    pages = _Pages(mailbag)
    app.add_api_route("/", pages.listed, methods=["GET"])
    app.add_api_route("/mails/{key}", pages.mail, methods=["GET"])
    app.add_api_route("/mails/{key}/html", pages.html, methods=["GET"])
    app.add_api_route("/mails/{key}/source", pages.source, methods=["GET"])
    app.add_api_route("/count", pages.count, methods=["GET"])
    app.add_api_route("/health", _health, methods=["GET"])
    return app


class _Pages:
    """Answers requests; plain functions, so that reading files keeps nobody else waiting."""

    def __init__(self, mailbag: Mailbag) -> None:
        self._mailbag = mailbag
        self._jinja = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def listed(self, request: Request, to: str = "", page: int = 1) -> Response:
        """Show the list."""
        found = self._mailbag.caught(to)
        pages = max(1, -(-len(found) // _PAGE_SIZE))
        page = min(max(page, 1), pages)
        shown = found[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
        context = {"mails": shown, "to": to, "page": page, "pages": pages, "n": len(found)}
        return self._render(request, "list.html", {**context, "total": len(self._mailbag)})

    def mail(self, request: Request, key: str, view: str = "") -> Response:
        """Show one mail, as HTML where it has any and nobody asked for the text."""
        letter = self._found(key)
        as_html = bool(letter.html) and view != "text"
        return self._render(request, "mail.html", {"letter": letter, "as_html": as_html})

    def html(self, key: str) -> Response:
        """Return a mail's HTML for the sandbox; its links open in a new window."""
        letter = self._found(key)
        return HTMLResponse(_opening_windows(letter.html), headers=_headers(_MAIL_POLICY))

    def source(self, key: str) -> Response:
        """Return a mail as it was sent."""
        source = self._mailbag.source(key)
        if source is None:
            raise HTTPException(404)
        return PlainTextResponse(source, headers=_headers(_PAGE_POLICY))

    def count(self) -> Response:
        """Return how many mails there are, for the script that offers to show new ones."""
        return JSONResponse({"total": len(self._mailbag)})

    def _found(self, key: str) -> Letter:
        letter = self._mailbag.letter(key)
        if letter is None:
            raise HTTPException(404)
        return letter

    def _render(self, request: Request, template: str, context: dict[str, Any]) -> Response:
        language = preferred(request.headers.get("accept-language", ""))
        page = self._jinja.get_template(template).render(context, _=WORDS[language], lang=language, zone=_ZONE)
        return HTMLResponse(page, headers=_headers(_PAGE_POLICY) | {"Vary": "Accept-Language"})


def _opening_windows(document: str) -> str:
    """Return HTML whose links open a new window; the element goes where it keeps the document in standards mode."""
    base = '<base target="_blank">'
    with_base, found = _HEAD.subn(lambda head: head[0] + base, document, count=1)
    return with_base if found else base + document


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-cache",
    }


def _health() -> Response:
    return JSONResponse({"status": "ok"})
