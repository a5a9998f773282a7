"""Looks at files before they are kept: how large, of which kind, and whether the content is what the name says."""

import re
from dataclasses import dataclass
from pathlib import PurePath

import puremagic

from domain.text.legible import LONGEST_LINE, is_legible
from domain.ticket.facts import Refused

LARGEST = 10 * 1024 * 1024
"""Bytes; a photograph from a telephone has 3 to 8 million of them."""
_HEIC = "image/heif"
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": _HEIC,
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".txt": "text/plain",
    ".ics": "text/calendar",
    ".eml": "message/rfc822",
}
"""The kinds of files that are taken, by the ending of their names, with the type they are served as."""
_PLAIN = {
    ".txt": re.compile(b""),
    ".ics": re.compile(rb"\A(\xef\xbb\xbf)?\s*BEGIN:VCALENDAR", re.IGNORECASE),
    ".eml": re.compile(rb"\A(From .*\n)?[!-9;-~]+[ \t]*:"),
}
"""How files begin that are made of text."""


@dataclass(frozen=True)
class Attachment:
    """A file that may be kept."""

    name: str
    media_type: str
    content: bytes


def inspected(name: str, content: bytes) -> Attachment:
    """Return a file that may be kept; raises Refused for one that is empty, too large or not what it says.

    A path in front of the name is dropped, as some browsers send it.
    """
    name = PurePath(name.replace("\\", "/")).name.strip()
    if not name or not is_legible(name) or len(name) > LONGEST_LINE:
        raise Refused("file_name")
    if not content:
        raise Refused("file_empty", file=name)
    if len(content) > LARGEST:
        raise Refused("file_too_large", file=name, limit=str(LARGEST // 1024**2))
    ending = PurePath(name).suffix.lower()
    if ending not in KINDS:
        raise Refused("file_kind", file=name, kinds=", ".join(kind.removeprefix(".") for kind in KINDS))
    if not _is_what_it_says(ending, content):
        raise Refused("file_disguised", file=name, kind=ending.removeprefix("."))
    return Attachment(name, KINDS[ending], content)


def _is_what_it_says(ending: str, content: bytes) -> bool:
    if ending in _PLAIN:
        return b"\x00" not in content and _PLAIN[ending].search(content) is not None
    try:
        found = puremagic.magic_string(content)
    except puremagic.PureError:
        return False
    return KINDS[ending] in {match.mime_type for match in found}
