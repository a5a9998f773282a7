"""The outer skin of every answer: security headers, and a limit to what anybody may send."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.text.numbers import read_number

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DRAINED = 8
"""So many times the limit is read and thrown away, so that a browser gets to see our answer."""


class TooLarge(Exception):
    """More was sent than anybody may send."""


class Hardening:
    """Middleware: answers 413 to bodies over the limit, and sets the security headers on every answer."""

    def __init__(self, app: ASGIApp, limit: int, too_large: Callable[[Request], Awaitable[Response]]) -> None:
        """Wrap an application; `too_large` makes the page that says so."""
        self._app = app
        self._limit = limit
        self._too_large = too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = legible(scope)
        body = _Counted(receive, self._limit)
        hardened = _hardened(send, private=not scope["path"].startswith("/static/"))
        try:
            body.refuse_announced(Headers(scope=scope))
            await self._app(scope, body.receive, hardened)
        except TooLarge:
            await body.drain()
            page = await self._too_large(Request(scope))
            await page(scope, receive, hardened)


def legible(scope: Scope) -> Scope:
    """Return a request whose address holds no control characters: each becomes the sign for an unknown one.

    Nobody types them, no row is called by them, and PostgreSQL takes no NUL.
    """
    path = _CONTROL.sub("\ufffd", scope["path"])
    return {**scope, "path": path, "query_string": _QUOTED_CONTROL.sub(_UNKNOWN, scope["query_string"])}


_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f]")
_QUOTED_CONTROL = re.compile(rb"%(?:[01][0-9A-Fa-f]|7[Ff])")
_UNKNOWN = quote("\ufffd").encode()


class _Counted:
    """A body that is counted while it is read."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._read = 0
        self._more = True

    def refuse_announced(self, headers: Headers) -> None:
        announced = headers.get("content-length", "")
        if announced.isdigit() and read_number(announced, self._limit) is None:
            raise TooLarge

    async def receive(self) -> Message:
        message = await self._next()
        if self._read > self._limit:
            raise TooLarge
        return message

    async def drain(self) -> None:
        while self._more and self._read < self._limit * _DRAINED:
            await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message


def _hardened(send: Send, private: bool) -> Send:
    async def send_hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            if private:
                headers["Cache-Control"] = "private, no-cache"
        await send(message)

    return send_hardened
