"""Takes a mail apart: the words to read, the HTML, and what is attached, within limits. Never raises."""

from dataclasses import dataclass, field
from email.message import Message

from activities.incoming import headers, hypertext, tnef
from activities.incoming.bounces import inner as inside
from activities.incoming.bounces import quietly
from activities.incoming.charsets import decoded, is_refused
from activities.incoming.invitations import invitation
from activities.incoming.message import Remark

_MOST_PARTS = 200
_DEEPEST = 25
_LONGEST_PART = 2_000_000
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
}


@dataclass
class Pieces:
    """What was found so far: words in their order, harmless HTML in its order, files by name, and remarks.

    While one of several ways to say the same is `choosing`, words made from HTML are `spare`.
    """

    choosing: bool = False
    words: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    seen: int = 0

    def remark(self, code: str, **context: str) -> None:
        """Note something, once."""
        found = Remark(code, context)
        if found not in self.remarks:
            self.remarks.append(found)

    def show(self, markup: str) -> None:
        """Take HTML, made harmless, and its words."""
        cleaned = hypertext.harmless(markup)
        spoken = hypertext.text_of(markup, cleaned)
        self.markup += [cleaned] if cleaned else []
        (self.spare if self.choosing else self.words).extend([spoken] if spoken else [])

    def join(self, other: "Pieces") -> None:
        """Take files, remarks and the count of another; what it says is the caller's to place."""
        self.seen = other.seen
        self.files += other.files
        for each in other.remarks:
            self.remark(each.code, **each.context)


def pieces(message: Message) -> Pieces:
    """Return what a mail is made of."""
    found = Pieces()
    _take(message, found, 0)
    return found


def _take(part: Message, found: Pieces, depth: int) -> None:
    found.seen += 1
    if depth > _DEEPEST or found.seen > _MOST_PARTS:
        found.remark("too_many_parts")
        return
    kind = quietly(part.get_content_type, "application/octet-stream")
    if kind == "message/rfc822":
        _forwarded(part, found, depth)
    elif kind == "multipart/alternative":
        _alternative(part, found, depth)
    elif part.is_multipart():
        for inner in inside(part):
            _take(inner, found, depth + 1)
    else:
        _leaf(part, kind, found)


def _alternative(part: Message, found: Pieces, depth: int) -> None:
    """Take all ways to say the same; words made from HTML are needed only where nothing says it in plain text."""
    here = Pieces(choosing=True, seen=found.seen)
    for inner in inside(part):
        _take(inner, here, depth + 1)
    if found.choosing:
        found.spare += here.spare
        found.words += here.words
    else:
        found.words += here.words or here.spare
    found.markup += here.markup
    found.join(here)


def _forwarded(part: Message, found: Pieces, depth: int) -> None:
    """Take a mail within the mail: its words under a line that says whose they are, its files, and itself."""
    for inner in inside(part):
        sender = headers.sender(inner)
        subject = headers.words(next(iter(headers.values(inner, "Subject")), ""))
        found.files.append((f"{subject[:80] or 'message'}.eml", _source(inner)))
        here = Pieces(seen=found.seen)
        _take(inner, here, depth + 1)
        head = " · ".join(filter(None, (sender.name, sender.address, subject)))
        found.words.append("\n\n".join(filter(None, (f"— {head} —", *here.words))))
        found.join(here)


def _source(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except Exception:  # noqa: BLE001 - writing a broken mail fails in as many ways as reading it
        return b""


def _leaf(part: Message, kind: str, found: Pieces) -> None:
    name = headers.words(quietly(part.get_filename))
    content = part.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    attached = quietly(part.get_content_disposition) == "attachment"
    if kind in tnef.KINDS or name.lower() == "winmail.dat":
        _unpack(name or "winmail.dat", content, found)
    elif kind == "text/calendar":
        found.files.append((name or "invitation.ics", content))
        found.words += invitation(content)
    elif kind in ("text/plain", "text/html") and not attached and not name:
        _text(part, kind, content, found)
    elif kind == "message/delivery-status":
        found.words.append(decoded(_source(part)).strip())
    elif content or name:
        found.files.append((name or f"attachment-{len(found.files) + 1}{_ENDINGS.get(kind, '')}", content))


def _text(part: Message, kind: str, content: bytes, found: Pieces) -> None:
    charset = quietly(lambda: str(part.get_param("charset", "")))
    if is_refused(charset):
        found.remark("charset_refused", charset=charset[:40])
    if len(content) > _LONGEST_PART:
        found.remark("text_cut")
    text = decoded(content[:_LONGEST_PART], charset)
    if text.strip() and kind == "text/html":
        found.show(text)
    elif text.strip():
        found.words.append(text.strip("\n"))


def _unpack(name: str, content: bytes, found: Pieces) -> None:
    unpacked = tnef.unpacked(content)
    if unpacked is None:
        found.remark("winmail_unreadable", file=name, size=str(len(content)))
        return
    here = Pieces(choosing=True)
    if unpacked.html.strip():
        here.show(unpacked.html)
    found.words += [unpacked.text.strip()] if unpacked.text.strip() else here.spare
    found.markup += here.markup
    found.files += unpacked.files
