"""Reads delivery reports (RFC 3464): which of our mails it was, what became of it, and what the other server said."""

import re
from collections.abc import Callable, Iterator
from email.message import Message

from activities.incoming import headers
from activities.incoming.charsets import decoded
from activities.incoming.message import Returned

_ID_LINE = re.compile(r"^[ \t>]*Message-ID:\s*(<[^<>\s]{1,198}>)", re.IGNORECASE | re.MULTILINE)
_SAID = ("diagnostic-code", "status")
_WORST_FIRST = ("failed", "delayed", "delivered", "relayed", "expanded")
_MOST_PARTS = 40
_SEARCHED = 200_000


def returned(message: Message) -> Returned | None:
    """Return what a delivery report says; None for a mail without any sign of one."""
    parts = [part for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False)]
    blocks = [part for part in parts if _kind(part) == "message/delivery-status"]
    originals = [found for part in parts[1:] for found in _original_ids(part)]
    quoted = [found for part in parts for found in _quoted_ids(part)]
    ids = tuple(dict.fromkeys([*originals, *quoted]))
    if not blocks and not ids:
        return None
    fields = [field for block in blocks for field in _fields(block)]
    actions = {value.lower().split()[0] for name, value in fields if name == "action" and value.strip()}
    said = [value for wanted in _SAID for name, value in fields if name == wanted]
    return Returned(ids, _worst(actions) if blocks else "failed", said[0] if said else "")


def _worst(actions: set[str]) -> str:
    return next((action for action in _WORST_FIRST if action in actions), "failed")


def _fields(block: Message) -> Iterator[tuple[str, str]]:
    """Yield the fields of a report: the library reads each block of lines as the headers of a mail of its own."""
    for lines in inner(block):
        for name in ("action", *_SAID):
            yield from ((name, headers.words(value)) for value in headers.values(lines, name))


def _original_ids(part: Message) -> list[str]:
    """Return the id of the mail that came back, where it came back as a mail or as its headers."""
    if _kind(part) == "message/rfc822":
        return [found for original in inner(part) if (found := headers.message_id(original))]
    if _kind(part) in ("text/rfc822-headers", "message/rfc822-headers"):
        return _ID_LINE.findall(_text(part))
    return []


def _quoted_ids(part: Message) -> list[str]:
    """Return the ids in the text of a bounce that is no report, as old mail servers write it."""
    return _ID_LINE.findall(_text(part)) if _kind(part) == "text/plain" else []


def inner(part: Message) -> list[Message]:
    """Return the parts of a part; none where what should be parts is text."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return decoded(content[:_SEARCHED]) if isinstance(content, bytes) else ""


def _kind(part: Message) -> str:
    return quietly(part.get_content_type, "application/octet-stream")


def quietly(ask: Callable[[], str | None], otherwise: str = "") -> str:
    """Return what a part says about itself; the library raises all sorts of errors over broken headers."""
    try:
        return ask() or otherwise
    except Exception:  # noqa: BLE001
        return otherwise
