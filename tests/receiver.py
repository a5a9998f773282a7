"""Another system: a real HTTP server that is told what happens, and answers as it is told to."""

import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.ports import free_port


@dataclass(frozen=True)
class Heard:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        """The message."""
        return dict(json.loads(self.body))

    def signed_with(self, secret: str) -> dict[str, Any]:
        """Check the signature as a receiver does, with a library that is not ours; return the message."""
        return dict(Webhook(secret).verify(self.body, self.headers))


@dataclass
class Receiver:
    """Answers with the codes it was given, one by one, and then with 204; `before` runs before each answer."""

    port: int = field(default_factory=free_port)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    heard: list[Heard] = field(default_factory=list)
    before: Callable[[Heard], None] | None = None
    tls: ssl.SSLContext | None = None
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'https://localhost' if self.tls else 'http://127.0.0.1'}:{self.port}/told"

    def open(self) -> None:
        """Begin to listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.answer(self)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Die: nobody answers at the address any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Take one request and answer it."""
        body = request.rfile.read(int(request.headers["content-length"]))
        heard = Heard({name.lower(): value for name, value in request.headers.items()}, body)
        self.heard.append(heard)
        if self.before is not None:
            self.before(heard)
        code = self.answers.pop(0) if self.answers else 204
        request.send_response(code)
        for name, value in self.headers.items():
            request.send_header(name, value)
        if code != 204:
            request.send_header("content-length", str(len(self.content)))
        request.end_headers()
        if code != 204:
            request.wfile.write(self.content)
