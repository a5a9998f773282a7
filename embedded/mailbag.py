"""Keeps caught mails as files, one .eml each, and reads them back. The envelope goes in front as headers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from functools import lru_cache
from itertools import count
from pathlib import Path

_SENDER = "X-Envelope-From"
_RECIPIENTS = "X-Envelope-To"
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_STAMP_LENGTH = len("20270302T170000.000000Z")


@dataclass(frozen=True)
class Caught:
    """A mail in the list; `key` names it and sorts by when it came."""

    key: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str


@dataclass(frozen=True)
class Letter:
    """A mail that is being read."""

    caught: Caught
    headers: Sequence[tuple[str, str]]
    text: str
    html: str
    attachments: Sequence[str]


class Mailbag:
    """A directory of mails."""

    def __init__(self, directory: Path) -> None:
        """Open the directory; it is made if it is not there."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._numbers = count(1)

    def keep(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        """Keep a mail; it is listed once it is complete."""
        key = f"{datetime.now(UTC):{_STAMP}}-{next(self._numbers) % 10_000:04}"
        envelope = f"{_SENDER}: {sender}\r\n{_RECIPIENTS}: {', '.join(recipients)}\r\n"
        draft = self._directory / f"{key}.draft"
        draft.write_bytes(envelope.encode("utf-8", "surrogateescape") + content)
        draft.rename(self._path(key))

    def caught(self, recipient: str = "") -> list[Caught]:
        """Return the mails, newest first; only those to a recipient that contains these letters."""
        paths = sorted(self._directory.glob("*.eml"), reverse=True)
        wanted = recipient.strip().casefold()
        mails = (_caught(path) for path in paths)
        return [mail for mail in mails if any(wanted in to.casefold() for to in mail.recipients)]

    def __len__(self) -> int:
        """Return how many mails there are."""
        return sum(1 for _ in self._directory.glob("*.eml"))

    def letter(self, key: str) -> Letter | None:
        """Return a mail to read, or None."""
        path = self._path(key)
        if not path.is_file():
            return None
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
        headers = [(name, _header(message, name)) for name in dict.fromkeys(message.keys())]
        attached = tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments())
        return Letter(_caught(path), headers, _body(message, "plain"), _body(message, "html"), attached)

    def source(self, key: str) -> str | None:
        """Return a mail as it was sent, with the envelope in front, or None."""
        path = self._path(key)
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None

    def _path(self, key: str) -> Path:
        """Return a mail's file; a key is digits, letters, dots and hyphens, so it never leaves the directory."""
        plain = all(sign.isalnum() or sign in ".-" for sign in key)
        return self._directory / f"{key if plain else 'none'}.eml"


@lru_cache(maxsize=10_000)
def _caught(path: Path) -> Caught:
    with path.open("rb") as file:
        message = BytesHeaderParser(EmailMessage, policy=policy.default).parse(file)
    return Caught(
        key=path.stem,
        at=datetime.strptime(path.stem[:_STAMP_LENGTH], _STAMP).replace(tzinfo=UTC),
        sender=_header(message, "From") or _header(message, _SENDER),
        recipients=tuple(to.strip() for to in _header(message, _RECIPIENTS).split(",")),
        subject=_header(message, "Subject"),
    )


def _header(message: EmailMessage, name: str) -> str:
    """Return a header as text; the library raises all sorts of errors over broken ones."""
    try:
        return str(message.get(name, ""))
    except Exception:  # noqa: BLE001
        return "(not readable)"


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        raw = part.get_payload(decode=True)
        return raw.decode("latin-1") if isinstance(raw, bytes) else ""
