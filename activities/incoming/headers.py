"""Reads the headers of a mail one by one, each with a limit and none able to break the others."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from activities.incoming.charsets import decoded, raw_header
from activities.incoming.message import Sender
from activities.mail.message import one_line, usable_address
from domain.text.legible import LONGEST_LINE

_LONGEST_HEADER = 20_000
_MOST_RECIPIENTS = 100
_MOST_REFERENCES = 40
_LONGEST_ID = 200
_ID = re.compile(r"<[^<>\s]{1,198}>")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]{1,64}@[^\s<>,;:\"()\[\]\\@]{1,190}")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_SIGNS = (
    "auto-submitted",
    "precedence",
    "list-id",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-failed-recipients",
    "x-loop",
    "return-path",
    "x-statuskette-ticket",
)


def values(message: Message, name: str) -> list[str]:
    """Return the values of a header, each on one line and shortened, without the library's parser of headers."""
    wanted = name.lower()
    found = (str(value) for key, value in message.raw_items() if key.lower() == wanted)
    return [" ".join(raw_header(value[:_LONGEST_HEADER]).split()) for value in found]


def words(value: str) -> str:
    """Return a header's words (RFC 2047), legible on one line; what cannot be decoded stays as it is."""
    try:
        chunks = decode_header(value)
    except (HeaderParseError, ValueError):
        return one_line(value)
    parts = [_chunk(chunk, charset) for chunk, charset in chunks]
    return one_line("".join(parts))[:LONGEST_LINE].strip()


def _chunk(chunk: str | bytes, charset: str | None) -> str:
    if isinstance(chunk, str):
        return chunk
    if charset is None:
        return chunk.decode("raw-unicode-escape", "replace")
    return decoded(chunk, charset)


def sender(message: Message, name: str = "From") -> Sender:
    """Return the first usable address of a header; a name without an address where there is none."""
    found = [pair for value in values(message, name) for pair in _pairs(value)]
    for shown, address in found:
        usable = usable_address(address) if len(address) <= LONGEST_LINE else None
        if usable is not None:
            local, _, domain = usable.rpartition("@")
            return Sender(words(shown), f"{local}@{domain.lower()}")
    return Sender(next((words(shown or address) for shown, address in found), ""))


def _pairs(value: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([value])
    except (IndexError, ValueError, TypeError):
        return []


def recipients(message: Message) -> tuple[tuple[str, ...], int]:
    """Return whom a mail was for, what the last server says first, and how many more there were."""
    found: dict[str, None] = {}
    for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc"):
        for key, value in message.raw_items():
            if key.lower() == name:
                found |= dict.fromkeys(address.lower() for address in _ADDRESS.findall(str(value)))
    legible = [raw_header(address) for address in found]
    return tuple(legible[:_MOST_RECIPIENTS]), max(0, len(legible) - _MOST_RECIPIENTS)


def message_id(message: Message) -> str:
    """Return the Message-ID, or an empty string for none that could be found again."""
    return next((found for value in values(message, "Message-ID") for found in ids(value)), "")


def references(message: Message) -> tuple[str, ...]:
    """Return the ids a mail names: the one it answers, then the thread from its end."""
    answered = [found for value in values(message, "In-Reply-To") for found in ids(value)]
    thread = [found for value in values(message, "References") for found in ids(value)]
    return tuple(dict.fromkeys([*answered, *reversed(thread)]))[:_MOST_REFERENCES]


def ids(text: str) -> list[str]:
    """Return the message ids in a text."""
    return [found for found in _ID.findall(text) if "@" in found and found.isascii() and len(found) <= _LONGEST_ID]


def sent_at(message: Message) -> datetime | None:
    """Return the mail's own date; None without one, and for what no calendar of ours knows."""
    for value in values(message, "Date"):
        try:
            at = parsedate_to_datetime(value[:LONGEST_LINE])
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return at if _EARLIEST <= at <= _LATEST else None
    return None


def signs(message: Message) -> Mapping[str, str]:
    """Return the headers that tell people from machines."""
    found = ((name, values(message, name)) for name in _SIGNS)
    return {name: _first(several) for name, several in found if several}


def _first(several: Iterable[str]) -> str:
    return next(iter(several))[:LONGEST_LINE]
