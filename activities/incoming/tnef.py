"""Unpacks winmail.dat, in which Outlook hides text and files of a mail (TNEF)."""

from dataclasses import dataclass

from tnefparse import TNEF
from tnefparse.tnef import TNEFAttachment

from activities.incoming.charsets import decoded

KINDS = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_LARGEST = 32 * 1024 * 1024
_MOST_OBJECTS = 600
_HEAD, _OBJECT_HEAD, _SUM = 6, 9, 2


@dataclass(frozen=True)
class Unpacked:
    """What was inside."""

    text: str = ""
    html: str = ""
    files: tuple[tuple[str, bytes], ...] = ()


def unpacked(content: bytes) -> Unpacked | None:
    """Return what is in a winmail.dat; None for one that cannot be read."""
    if len(content) > _LARGEST or not _is_sound(content):
        return None
    try:
        found = TNEF(content, do_checksum=False)
        files = tuple((_name(file), bytes(file.data)) for file in found.attachments)
        return Unpacked(_text(found.body), _text(found.htmlbody), files)
    except Exception:  # noqa: BLE001 - the library raises all sorts of errors over broken files
        return None


def _is_sound(content: bytes) -> bool:
    """Whether its objects lie one behind the other: the library copies the rest of the file for each of them."""
    offset, objects = _HEAD, 0
    while offset + _OBJECT_HEAD < len(content):
        length = int.from_bytes(content[offset + 5 : offset + 9], "little")
        offset += _OBJECT_HEAD + length + _SUM
        objects += 1
    return objects <= _MOST_OBJECTS and offset <= len(content) + _SUM


def _name(file: TNEFAttachment) -> str:
    """Return the long name of a file; a short one with an umlaut breaks the library's own reading of it."""
    try:
        name = _text(file.long_filename())
    except UnicodeDecodeError:
        name = _text(vars(file)["_name"])
    return name.strip("\0 ") or "winmail"


def _text(found: object) -> str:
    if isinstance(found, bytes):
        return decoded(found).rstrip("\0")
    return str(found).rstrip("\0") if found else ""
