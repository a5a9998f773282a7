"""A mailbox on an IMAP server. Messages are marked after the database has them, never before."""

import contextlib
import re
import ssl
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from activities.incoming.boxes import Fetched, Unreachable, Why, Withheld
from activities.mail.smtp import Tls

_KEYWORD = "StatusketteTaken"
_MOST = 500
"""So many messages are looked at in one go."""


@dataclass(frozen=True)
class ImapAccount:
    """A mailbox of a server; the timeout holds for each answer. Without a `taken` folder a keyword marks messages.

    Of a message above the `largest` size in bytes only the headers are fetched.
    """

    host: str
    port: int = 993
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = Tls.TLS
    folder: str = "INBOX"
    taken: str = "Taken"
    timeout_seconds: float = 60.0
    largest: int = 64 * 1024 * 1024
    trust: ssl.SSLContext | None = None

    def __str__(self) -> str:
        """Return what an operator may read."""
        return f"{self.host}:{self.port}"


class Imap:
    """One connection, made anew after it broke. Places are "<uidvalidity>.<uid>": a uid alone may be given again."""

    def __init__(self, account: ImapAccount) -> None:
        """Take the account; the first look connects."""
        self._account = account
        self._client: IMAPClient | None = None
        self._validity = 0

    def waiting(self, resting: Container[str] = ()) -> Sequence[str]:
        """Return the places of what was not taken, oldest first."""
        with self._speaking():
            client = self._connected()
            client.noop()
            wanted = ["UNDELETED"] if self._account.taken else ["UNDELETED", "UNKEYWORD", _KEYWORD]
            places = (f"{self._validity}.{uid}" for uid in sorted(client.search(wanted)))
            return [place for place in places if place not in resting][:_MOST]

    def fetch(self, place: str) -> Fetched | None:
        """Return a message without marking it as seen; of one beyond all measure, its headers."""
        client, uid = self._place(place)
        if uid is None:
            return None
        with self._speaking_of_one(Why.REFUSED):
            size = _asked(client, uid, "RFC822.SIZE")
            if size is None:
                return None
            if size > self._account.largest:
                head = _asked(client, uid, "BODY.PEEK[HEADER]")
                return None if head is None else Fetched(head, left_out=size)
            content = _asked(client, uid, "BODY.PEEK[]")
            if content == b"" and size > 0:
                raise Withheld(Why.NO_BODY)
            return None if content is None else Fetched(content)

    def head(self, place: str) -> bytes:
        """Return who wrote what and when, which a server may know by heart of a message it cannot read any more."""
        client, uid = self._place(place)
        if uid is None:
            return b""
        with self._speaking_of_one(Why.REFUSED):
            answer = client.fetch([uid], ["BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE)]"]).get(uid, {})
            found = (value for key, value in answer.items() if key.startswith(b"BODY[HEADER"))
            return next(found, None) or b""

    def put_away(self, place: str) -> None:
        """Move a message to the folder of what was taken, seen; or leave it where it is with our keyword."""
        client, uid = self._place(place)
        if uid is None:
            return
        with self._speaking_of_one(Why.NOT_PUT_AWAY):
            client.add_flags([uid], [rb"\Seen"] if self._account.taken else [rb"\Seen", _KEYWORD])
            if not self._account.taken:
                return
            if client.has_capability("MOVE"):
                client.move([uid], self._account.taken)
            else:
                client.copy([uid], self._account.taken)
                client.delete_messages([uid])
                if client.has_capability("UIDPLUS"):
                    client.uid_expunge([uid])

    def close(self) -> None:
        """Leave."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except (IMAPClientError, OSError):
            with contextlib.suppress(IMAPClientError, OSError):
                client.shutdown()

    def _place(self, place: str) -> tuple[IMAPClient, int | None]:
        """Return the connection and the uid; None where the server has counted anew since the place was named."""
        with self._speaking():
            client = self._connected()
            validity, _, uid = place.partition(".")
            return client, int(uid) if int(validity) == self._validity else None

    def _connected(self) -> IMAPClient:
        if self._client is None:
            account = self._account
            self._client = client = IMAPClient(
                account.host,
                account.port,
                use_uid=True,
                ssl=account.tls is Tls.TLS,
                ssl_context=self._trust() if account.tls is Tls.TLS else None,
                timeout=SocketTimeout(account.timeout_seconds, account.timeout_seconds),
            )
            if account.tls is Tls.STARTTLS:
                client.starttls(self._trust())
            client.login(account.user, account.password)
            if account.taken:
                _make_folder(client, account.taken)
            selected = client.select_folder(account.folder)
            if not account.taken and not _keeps_keywords(selected):
                self.close()
                raise Unreachable(f"{account} keeps no keywords: name a folder for taken mail")
            self._validity = int(selected[b"UIDVALIDITY"])
        return self._client

    def _trust(self) -> ssl.SSLContext:
        return self._account.trust or ssl.create_default_context()

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn what the library raises into ours; errors of the server may quote what it was told."""
        try:
            yield
        except LoginError:
            self.close()
            raise Unreachable(f"{self._account} refuses the login of mail in") from None
        except (IMAPClientError, OSError, ValueError) as broken:
            self.close()
            raise Unreachable(f"{self._account} does not answer as a mailbox should: {_kind(broken)}") from None

    @contextlib.contextmanager
    def _speaking_of_one(self, why: Why) -> Iterator[None]:
        """Turn what goes wrong about one message into Withheld; a broken connection is made anew for the next one."""
        try:
            yield
        except (IMAPClientAbortError, ProtocolError, OSError, ValueError):
            self.close()
            raise Withheld(Why.BROKEN_OFF) from None
        except IMAPClientError:
            raise Withheld(why) from None


def _make_folder(client: IMAPClient, name: str) -> None:
    """Make a folder unless it is there, or somebody else makes it at the same moment."""
    if client.folder_exists(name):
        return
    try:
        client.create_folder(name)
    except IMAPClientError:
        if not client.folder_exists(name):
            raise


def _kind(broken: Exception) -> str:
    """Return what kind of error it is, with the server's response code (RFC 5530) but without its words."""
    code = re.search(r"\[([A-Z-]+)\]", str(broken))
    return f"{type(broken).__name__} {code[1]}" if code else type(broken).__name__


def _asked(client: IMAPClient, uid: int, item: str) -> Any:
    """Return what the server says of a message; None only where it is gone. Raises Withheld for one that is there."""
    answer: Mapping[int, Mapping[bytes, Any]] = client.fetch([uid], [item])
    found = answer.get(uid, {}).get(item.replace(".PEEK", "").encode())
    if found is None and client.search(["UID", str(uid)]):
        raise Withheld(Why.NO_BODY)
    return found


def _keeps_keywords(selected: Mapping[bytes, Any]) -> bool:
    """Whether a server keeps a keyword of ours (RFC 3501: where it does not say, it keeps every flag)."""
    flags = selected.get(b"PERMANENTFLAGS")
    return flags is None or rb"\*" in flags or _KEYWORD.lower().encode() in [flag.lower() for flag in flags]
