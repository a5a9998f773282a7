"""Reads a mail: bytes in, an `Incoming` out, whatever the bytes are. What went wrong stands in its remarks.

The library's own reading of headers is avoided where it can fail; each part of a mail can spoil only itself.
"""

import hashlib
import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser, BytesParser

from activities.incoming import headers
from activities.incoming.bounces import quietly, returned
from activities.incoming.charsets import decoded
from activities.incoming.message import Incoming, Remark
from activities.incoming.parts import Pieces, pieces
from activities.intake.attachments import Attachment, inspected
from domain.text.legible import LONGEST_TEXT
from domain.ticket.facts import Refused

_MOST_BOUNDARIES = 300
"""The parser compares each line with every boundary that is open: nesting without end takes time without end."""
_MOST_FILES = 25
_MOST_BYTES = 40 * 1024 * 1024
_LONGEST_PREFACE = 100_000
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]")


def read(content: bytes) -> Incoming:
    """Return what a mail says; raises nothing."""
    digest = hashlib.sha256(content).hexdigest()
    message, problem = _parsed(content)
    if message is None:
        return Incoming(digest, derived_id(digest), unreadable=problem)
    try:
        return _read(message, digest, problem)
    except Exception as broken:  # noqa: BLE001 - one mail nobody foresaw must not stop all that follow
        return Incoming(digest, derived_id(digest), unreadable=type(broken).__name__)


def derived_id(digest: str) -> str:
    """Return the id of a mail that has none: the same bytes always get the same."""
    return f"<{digest[:40]}@derived.invalid>"


def _parsed(content: bytes) -> tuple[Message | None, str]:
    """Return the mail as the library takes it apart, and what is wrong with it as a whole."""
    if not content.strip():
        return None, "empty"
    content = _mended(content)
    if content.lower().count(b"boundary=") > _MOST_BOUNDARIES:
        return _head(content), "too_deep"
    for parser in (BytesParser(EmailMessage, policy=policy.default), BytesParser(Message, policy=policy.compat32)):
        try:
            message: Message = parser.parsebytes(content)
        except Exception:  # noqa: BLE001, S112 - the parser reads headers too, and fails over some of them
            continue
        return (message, "") if message.keys() else (None, "no_headers")
    return _head(content), "too_deep"


def _mended(content: bytes) -> bytes:
    """Return a mail without those lines among its headers that are none: the parser would take the rest for words."""
    head, gap, body = re.split(rb"(\r?\n\r?\n|\Z)", content, maxsplit=1)
    lines = head.splitlines(keepends=True)
    sound = [line for line in lines if _HEADER.match(line)]
    return b"".join(sound) + gap + body if sound and len(sound) < len(lines) else content


def _head(content: bytes) -> Message | None:
    """Return only the headers of a mail whose body is beyond reason."""
    try:
        message = BytesHeaderParser(Message, policy=policy.compat32).parsebytes(content[:_LONGEST_PREFACE])
    except Exception:  # noqa: BLE001
        return None
    message.set_payload("")
    return message if message.keys() else None


def _read(message: Message, digest: str, problem: str) -> Incoming:
    found = pieces(message) if not problem else Pieces(remarks=[Remark(problem)])
    words = "\n\n".join(found.words)
    if len(words) > LONGEST_TEXT:
        found.files.insert(0, ("message.txt", words.encode()))
        found.remark("text_continues")
        words = words[: LONGEST_TEXT - 1] + "…"
    files = _kept(found)
    recipients, more = headers.recipients(message)
    if more:
        found.remark("many_recipients", n=str(more + len(recipients)))
    senders = headers.values(message, "From")
    if len(senders) > 1:
        found.remark("several_senders", n=str(len(senders)))
    own_id = headers.message_id(message)
    incoming = Incoming(
        digest=digest,
        message_id=own_id or derived_id(digest),
        sender=headers.sender(message),
        reply_to=headers.sender(message, "Reply-To"),
        recipients=recipients,
        subject=headers.words(next(iter(headers.values(message, "Subject")), "")),
        text=words.strip(),
        html="\n<hr>\n".join(found.markup),
        files=files,
        references=headers.references(message),
        sent_at=headers.sent_at(message),
        signs=headers.signs(message),
        kind=quietly(message.get_content_type, "text/plain"),
        report=quietly(lambda: str(message.get_param("report-type", ""))).lower(),
        returned=returned(message),
    )
    if incoming.wants_no_automatic_answer:
        found.remark("no_automatic_answer")
    return replace(incoming, remarks=tuple(found.remarks))


def _kept(found: Pieces) -> tuple[Attachment, ...]:
    """Return the files that may be kept; of every other there is a remark with its name, its size and why."""
    kept: list[Attachment] = []
    for name, content in found.files:
        code = ""
        try:
            file = inspected(name, content)
        except Refused as refused:
            code = refused.code
        else:
            room = _MOST_BYTES - sum(len(each.content) for each in kept)
            code = "" if len(kept) < _MOST_FILES and len(content) <= room else "too_many_files"
        if code:
            found.remark(
                "file_left_out", file=decoded(name.encode(errors="replace"))[:120], size=str(len(content)), why=code
            )
        else:
            kept.append(file)
    return tuple(kept)
