"""A sack of two hundred mails, each with the fate it must have: the hard cases, and everyday ones between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from activities.incoming.classify import Fate
from tests.incoming.mails import (
    INVITATION,
    OFFICE,
    PDF,
    UMLAUTS,
    attached,
    away,
    delivery_report,
    mail,
    multipart,
    nested,
    part,
    winmail,
)
from tests.incoming.office import FRITZ, KIM, ZOE, IncomingOffice

SIZE = 200


@dataclass(frozen=True)
class Case:
    """A mail, and what must become of it; `ticket` is the one its words go to, None for a new one or for none."""

    name: str
    content: bytes
    fate: Fate
    ticket: int | None = None


def sack(office: IncomingOffice) -> list[Case]:
    """Return the mails, hard ones and everyday ones in turn."""
    hard = [*_readable(), *_machines(office), *_threads(office), *_repeated(), *_flood()]
    everyday = _everyday()
    cases = [case for one in hard for case in (one, next(everyday))]
    while len(cases) < SIZE:
        cases.append(next(everyday))
    return cases[:SIZE]


def _everyday() -> Iterator[Case]:
    """Yield questions of ever new people; every fifth with an attachment."""
    for n in count():
        sender, subject = f"Kunde {n} <kunde{n}@alltag.example>", f"Frage {n}"
        body = f"Frage {n}: {UMLAUTS}".encode()
        if n % 5:
            yield Case(f"everyday {n}", mail(body, sender, subject=subject, id=f"<{n}@alltag.example>"), Fate.NEW)
        else:
            several = multipart(
                part(body, "text/plain; charset=utf-8"), attached("plan.pdf", PDF), sender=sender, subject=subject
            )
            yield Case(f"everyday {n}", several, Fate.NEW)


def _readable() -> Iterator[Case]:
    """Yield mails of people that are hard to read, each from somebody else."""
    from_ = (f"Schwierig {n} <s{n}@schwierig.example>" for n in count())
    hard = {
        "latin-1": mail("Größe".encode("latin-1"), next(from_), kind="text/plain; charset=iso-8859-1"),
        "windows-1252": mail("12 €".encode("cp1252"), next(from_), kind="text/plain; charset=windows-1252"),
        "mislabelled": mail("Größe".encode("cp1252"), next(from_), kind="text/plain; charset=utf-8"),
        "utf-7": mail(b"+ADw-", next(from_), kind="text/plain; charset=utf-7"),
        "unknown charset": mail(b"x", next(from_), kind="text/plain; charset=x-klingon"),
        "html only": mail(b"<p>Hallo<script>x</script></p>", next(from_), kind="text/html"),
        "html without end": mail(b"<div>" * 50_000, next(from_), kind="text/html"),
        "alternative": multipart(
            part(b"plain", "text/plain"), part(b"<b>html</b>", "text/html"), how="alternative", sender=next(from_)
        ),
        "nested": nested(20).replace(KIM.encode(), b"n20@schwierig.example"),
        "nested deeper": nested(290).replace(KIM.encode(), b"n290@schwierig.example"),
        "nested without end": nested(2000).replace(KIM.encode(), b"n2000@schwierig.example"),
        "forwarded": multipart(part(mail(b"innen"), "message/rfc822"), sender=next(from_)),
        "winmail": multipart(
            attached("winmail.dat", winmail(b"Outlook", [(b"a.pdf", PDF)]), "application/ms-tnef"), sender=next(from_)
        ),
        "invitation": multipart(part(INVITATION, "text/calendar"), sender=next(from_)),
        "three megabytes": multipart(attached("gross.pdf", PDF + b"x" * 3_000_000), sender=next(from_)),
        "thirty megabytes": multipart(attached("zu-gross.pdf", PDF + b"x" * 30_000_000), sender=next(from_)),
        "program": multipart(attached("virus.exe", b"MZ"), sender=next(from_)),
        "no from": mail(b"von niemandem", None),
        "several froms": mail(b"x", next(from_), "From: zwei@schwierig.example"),
        "no date": f"From: {next(from_)}\r\nSubject: ohne Datum\r\n\r\nx".encode(),
        "no subject": mail(b"x", next(from_), subject=None),
        "no body": mail(b"", next(from_)),
        "only headers": f"From: {next(from_)}\r\n".encode(),
        "nul bytes": mail(b"a\x00b", next(from_)),
        "half a pair": mail(b"\xed\xa0\x80", next(from_)),
        "8-bit header": mail(b"x", next(from_), subject="Gr\udcf6\udcdfe"),
        "header injection": mail(b"x", next(from_), subject="=?utf-8?q?a=0D=0ABcc=3A_b?="),
        "many recipients": mail(b"x", next(from_), to=", ".join(f"r{n}@x.example" for n in range(10_000))),
        "line among headers": mail(b"x", next(from_), "this is no header"),
        "no boundary": mail(b"x", next(from_), kind="multipart/mixed"),
        "broken base64": mail(b"!!!", next(from_), "Content-Transfer-Encoding: base64"),
        "weak sign": mail(b"x", next(from_), subject="Abwesenheit im Sommer"),
        "colleague": mail(b"zur Info", "Anna <anna@musterstadt.example>"),
    }
    yield from (Case(name, content, Fate.NEW) for name, content in hard.items())
    yield Case("no mail at all", b"\x00\xff\xfe nothing of a mail", Fate.UNREADABLE)
    yield Case("no mail either", b"nothing of a mail", Fate.UNREADABLE)


def _machines(office: IncomingOffice) -> Iterator[Case]:
    """Yield what machines write."""
    kim, lost = office.kim, office.answer_to_kim
    yield Case("bounce", delivery_report(lost), Fate.BOUNCE, kim)
    yield Case("bounce of nothing", delivery_report("<0@elsewhere.example>"), Fate.BOUNCE)
    yield Case("delayed", delivery_report(office.second_to_kim, action="delayed"), Fate.BOUNCE, kim)
    yield Case("null return path", mail(b"x", "a@m.example", "Return-Path: <>"), Fate.BOUNCE)
    yield Case("mailer daemon", mail(b"x", "MAILER-DAEMON@m.example"), Fate.BOUNCE)
    yield Case("out of office", away(office.second_to_kim), Fate.AUTO_REPLY, kim)
    yield Case("out of office to nothing", away("<0@elsewhere.example>"), Fate.AUTO_REPLY)
    yield Case("auto generated", mail(b"x", "b@m.example", "Auto-Submitted: auto-generated"), Fate.AUTO_REPLY)
    yield Case("list", mail(b"x", "c@m.example", "Precedence: list", "List-Id: <l.example>"), Fate.AUTO_REPLY)
    suppress = "X-Auto-Response-Suppress: All"
    yield Case("exchange, a person", mail(b"x", "d@m.example", suppress), Fate.NEW)
    away_words = mail(b"x", "g@m.example", suppress, subject="Automatische Antwort: Kombi")
    yield Case("exchange, a machine", away_words, Fate.AUTO_REPLY)
    yield Case("our address", mail(b"x", OFFICE), Fate.LOOP)
    yield Case("our id", mail(b"x", "e@m.example", id="<" + "a" * 32 + "@musterstadt.example>"), Fate.LOOP)
    yield Case("our header", mail(b"x", "f@m.example", "X-Statuskette-Ticket: 1"), Fate.LOOP)


def _threads(office: IncomingOffice) -> Iterator[Case]:
    """Yield answers, true and forged."""
    kim, number = f"Kim <{KIM}>", office.kim
    answered = f"In-Reply-To: {office.second_to_kim}"
    yield Case("reply", mail(b"Antwort 1", kim, answered), Fate.REPLY, number)
    yield Case("reply by subject", mail(b"Antwort 2", kim, subject=f"AW: [#{number}]"), Fate.REPLY, number)
    yield Case(
        "reply by address", mail(b"Antwort 3", kim, to=f"anfragen+{number}@musterstadt.example"), Fate.REPLY, number
    )
    yield Case("reply of the boss", mail(b"Antwort 4", "chef@kunde.example", answered), Fate.REPLY, number)
    yield Case(
        "reply with a file", multipart(attached("a.pdf", PDF), sender=kim, subject=f"[#{number}]"), Fate.REPLY, number
    )
    yield Case("reply to closed", mail(b"doch", f"<{ZOE}>", subject=f"[#{office.zoe}]"), Fate.NEW)
    yield Case("forged subject", mail(b"Falsch 1", f"<{FRITZ}>", subject=f"[#{number}]"), Fate.NEW)
    yield Case("forged address", mail(b"Falsch 2", f"<{FRITZ}>", to=f"anfragen+{number}@musterstadt.example"), Fate.NEW)
    yield Case("no such ticket", mail(b"Falsch 3", f"<{FRITZ}>", subject="[#999999]"), Fate.NEW)
    note = mail(b"Notiz", "anna@musterstadt.example", f"In-Reply-To: {office.reminder_to_anna}")
    yield Case("colleague about a ticket", note, Fate.NOTE, number)


def _repeated() -> Iterator[Case]:
    """Yield mails that come twice."""
    once = mail(b"doppelt", "doppelt@kunde.example", id="<doppelt@kunde.example>")
    yield Case("once", once, Fate.NEW)
    yield Case("same bytes", once, Fate.DUPLICATE)
    yield Case("same mail", once + b"-- \r\nListe", Fate.DUPLICATE)
    yield Case("same id, other mail", once.replace(b"Kombi gesucht", b"Anderes"), Fate.NEW)


def _flood() -> Iterator[Case]:
    """Yield twelve mails of one sender in an office that takes eight an hour."""
    for n in range(12):
        content = mail(b"Flut %d" % n, "flut@automat.example", subject=f"Flut {n}")
        yield Case(f"flood {n}", content, Fate.NEW if n < 8 else Fate.LOOP)
