"""Turns bytes into characters that a database takes, whatever charset they claim to be in. Never raises."""

import codecs
import re

_REFUSED = frozenset({"utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"})
"""Encodings that hide characters behind ASCII, or are none."""
_WESTERN = frozenset({"ascii", "iso8859-1", "cp1252"})
"""What mail programs claim when they do not know better."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_HALVES = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|\x85|\u2028|\u2029")


def decoded(content: bytes, claimed: str = "") -> str:
    """Return the characters of `content`.

    Valid UTF-8 with anything beyond ASCII in it is UTF-8, even where Latin-1 was claimed: other text is that by
    chance once in a million. What is not what it claims to be is read as windows-1252, as every mail program does.
    """
    codec = _codec(claimed)
    tries = ("utf-8", "cp1252") if codec is None or codec in _WESTERN else (codec, "utf-8", "cp1252")
    for name in tries:
        try:
            return plain(content.decode(name))
        except (UnicodeError, ValueError):
            continue
    return plain(content.decode("latin-1"))


def is_refused(claimed: str) -> bool:
    """Whether a charset is claimed that nobody honest uses in mail."""
    try:
        return codecs.lookup(claimed.strip()).name in _REFUSED
    except (LookupError, ValueError):
        return False


def plain(text: str) -> str:
    """Return text without controls and half pairs, its lines ended by a newline."""
    text = _LINE_ENDS.sub("\n", text)
    return _HALVES.sub("\ufffd", _UNPRINTABLE.sub("", text))


def raw_header(value: str) -> str:
    """Return a header as its bytes meant it: the parser hides bytes beyond ASCII in lone surrogates."""
    return decoded(value.encode("utf-8", "surrogateescape")) if _HALVES.search(value) else plain(value)


def _codec(claimed: str) -> str | None:
    """Return the codec's own name; None for one that is unknown, refused, or no encoding of text."""
    try:
        found = codecs.lookup(claimed.strip() or "utf-8")
        b"ab".decode(found.name)
    except UnicodeError:
        return found.name
    except (LookupError, ValueError):
        return None
    return None if found.name in _REFUSED else found.name
