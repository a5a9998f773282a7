"""Single mails, byte by byte: everything that is hard to read, and what people and machines write to a mailbox."""

import base64
import struct
from collections.abc import Sequence
from pathlib import Path

OFFICE = "anfragen@musterstadt.example"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
UMLAUTS = "Größe, Maß, Übergabe – 12 €"
INVITATION = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTAMP:20270301T080000Z\r\nDTSTART:20270304T130000Z\r\nSUMMARY:Aufma\xc3\x9ftermin\r\nLOCATION:Baustelle\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def case(name: str, **replaced: str) -> bytes:
    """Return a mail as somebody's program wrote it; `replaced` are words of it by what stands for them."""
    content = (Path(__file__).parent / "cases" / f"{name}.eml").read_bytes()
    for placeholder, word in replaced.items():
        content = content.replace(placeholder.encode(), word.encode())
    return content


def mail(
    body: bytes = b"Guten Tag, ich suche einen Kombi.\r\n",
    sender: str | None = "Kim Kunde <kim@kunde.example>",
    *more: str,
    subject: str | None = "Kombi gesucht",
    to: str = OFFICE,
    id: str | None = None,  # noqa: A002
    kind: str = "text/plain; charset=utf-8",
) -> bytes:
    """Return a mail; `more` are headers as they stand."""
    head = [f"To: {to}", "Date: Tue, 02 Mar 2027 16:30:00 +0100", "MIME-Version: 1.0", *more]
    head += [f"From: {sender}"] if sender is not None else []
    head += [f"Subject: {subject}"] if subject is not None else []
    head += [f"Message-ID: {id}"] if id is not None else []
    head += [f"Content-Type: {kind}"] if kind else []
    return "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def part(content: bytes, kind: str, *more: str, encoded: bool = False) -> bytes:
    """Return a part of a multipart mail."""
    head = [f"Content-Type: {kind}", *more, *(["Content-Transfer-Encoding: base64"] if encoded else [])]
    body = base64.encodebytes(content) if encoded else content
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def parts(*several: bytes, boundary: str = "b0") -> bytes:
    """Return the body of a multipart mail."""
    line = f"--{boundary}".encode()
    return b"".join(line + b"\r\n" + each + b"\r\n" for each in several) + line + b"--\r\n"


def multipart(*several: bytes, how: str = "mixed", **facts: str) -> bytes:
    """Return a multipart mail."""
    return mail(parts(*several), kind=f"multipart/{how}; boundary=b0", **facts)


def attached(name: str, content: bytes, kind: str = "application/pdf") -> bytes:
    """Return an attachment."""
    return part(content, kind, f'Content-Disposition: attachment; filename="{name}"', encoded=True)


def nested(depth: int) -> bytes:
    """Return multiparts within multiparts."""
    body = part(b"innermost", "text/plain")
    for n in range(depth):
        body = part(parts(body, boundary=f"n{n}"), f"multipart/mixed; boundary=n{n}")
    return mail(parts(body), kind="multipart/mixed; boundary=b0")


def delivery_report(
    returned_id: str, action: str = "failed", code: str = "5.1.1", to: str = "kim@kunde.example"
) -> bytes:
    """Return a report about a mail of ours (RFC 3464)."""
    status = (
        f"Reporting-MTA: dns; mx.kunde.example\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction: {action}\r\n"
        f"Status: {code}\r\nDiagnostic-Code: smtp; 550 {code} no such user\r\n"
    )
    original = f"From: {OFFICE}\r\nTo: {to}\r\nSubject: Re: Kombi\r\nMessage-ID: {returned_id}\r\n\r\nGuten Tag"
    return mail(
        parts(
            part(b"Your mail could not be delivered.", "text/plain"),
            part(status.encode(), "message/delivery-status"),
            part(original.encode(), "message/rfc822"),
        ),
        "Mail Delivery System <MAILER-DAEMON@mx.kunde.example>",
        "Auto-Submitted: auto-replied",
        "Return-Path: <>",
        subject="Undelivered Mail Returned to Sender",
        kind="multipart/report; report-type=delivery-status; boundary=b0",
    )


def winmail(text: bytes, files: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return a winmail.dat (TNEF): a body and files, each attribute with its checksum."""

    def attribute(level: int, name: int, kind: int, content: bytes) -> bytes:
        head = struct.pack("<BHHI", level, name, kind, len(content))
        return head + content + struct.pack("<H", sum(content) & 0xFFFF)

    out = struct.pack("<IH", 0x223E9F78, 1)
    out += attribute(1, 0x9006, 0x0008, struct.pack("<I", 0x00010000))
    out += attribute(1, 0x9007, 0x0006, struct.pack("<II", 1252, 0))
    out += attribute(1, 0x800C, 0x0002, text + b"\0")
    for name, content in files:
        out += attribute(2, 0x9002, 0x0006, b"\0" * 14)
        out += attribute(2, 0x8010, 0x0001, name + b"\0")
        out += attribute(2, 0x800F, 0x0006, content)
    return out


def away(of: str, *, subject: str = "Automatische Antwort: Abwesenheit", **facts: str) -> bytes:
    """Return an out-of-office reply to one of our mails."""
    headers = (f"In-Reply-To: {of}", "Auto-Submitted: auto-replied", "Precedence: auto_reply")
    return mail(b"Ich bin bis Montag im Urlaub.", "Kim Kunde <kim@kunde.example>", *headers, subject=subject, **facts)
