"""Mails that came in, as the ticket's page shows them: who wrote and when, what is attached, what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from domain.words.wording import instant
from models.tables import CustomerRow, IncomingRow
from web.commands import queries
from web.commands.queries import FileCard
from web.shell.request import Visitor
from web.shell.translations import N_, Words

router = APIRouter()
_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a customer's HTML may do on top of being cleaned: open its links in new windows. Nothing runs or loads."""
_REMARKS = {
    "forged": N_(
        "Names ticket #%(ticket)s, but it is not from that ticket's customer. Please check before you answer."
    ),
    "goes_on": N_("Goes on from ticket #%(ticket)s, which was closed."),
    "file_left_out": N_("Not taken over: “%(file)s” (%(size)s). %(why)s"),
    "winmail_unreadable": N_("Not taken over: “%(file)s” (%(size)s), which only Outlook can read."),
    "text_continues": N_("The text is longer than fits here; all of it is in the attached file message.txt."),
    "text_cut": N_("A part of the text is too long and was cut off."),
    "too_large": N_("The mail is too large (%(size)s). Only its head was taken; the rest is in the mailbox."),
    "too_deep": N_("The mail is nested too deep to be read. The original is kept."),
    "too_many_parts": N_("The mail has more parts than can be read. The original is kept."),
    "many_recipients": N_("The mail went to %(n)s recipients."),
    "several_senders": N_("The mail names %(n)s senders; the first one counts."),
    "about": N_("Opened by hand from a mail about ticket #%(ticket)s."),
    "no_automatic_answer": N_("The sender wants no automatic answers."),
    "original_cut": N_("Only its beginning is kept here (%(size)s in all); the whole mail is in the mailbox."),
    "charset_refused": N_("The mail claims to be written in %(charset)s, which is not read."),
}
_WHY = {
    "file_too_large": N_("It is too large."),
    "file_kind": N_("Files of this kind are not taken."),
    "file_disguised": N_("It contains something else than its name says."),
    "file_empty": N_("It is empty."),
    "file_name": N_("It has no usable name."),
    "too_many_files": N_("There were too many files."),
}


@dataclass(frozen=True)
class MailCard:
    """One mail under its entry of the history; `sender` is empty where the customer wrote from their own address."""

    id: int
    sender: str
    sent: str
    html: bool
    files: tuple[FileCard, ...]
    remarks: tuple[str, ...]
    about: int | None


def cards(session: Session, number: int, customer: CustomerRow, zone: ZoneInfo, words: Words) -> dict[int, MailCard]:
    """Return the mails of a ticket, by the text that each became."""
    mails = queries.mails_in(session, number)
    files = queries.files(session, number) if mails else {}
    return {text: _card(mail, files, customer, zone, words) for text, mail in mails.items()}


def _card(
    mail: IncomingRow, files: Mapping[str, FileCard], customer: CustomerRow, zone: ZoneInfo, words: Words
) -> MailCard:
    foreign = mail.sender and mail.sender != customer.email.lower()
    return MailCard(
        id=mail.id,
        sender=" · ".join(filter(None, (mail.sender_name, mail.sender))) if foreign else "",
        sent=instant(mail.sent_at, words.language, zone) if mail.sent_at else "",
        html=bool(mail.html),
        files=tuple(files[str(each)] for each in mail.files if str(each) in files),
        remarks=remarks(mail, words),
        about=mail.about,
    )


def remarks(mail: IncomingRow, words: Words) -> tuple[str, ...]:
    """Return what a person should know about a mail, in their language."""
    return tuple(_remark(each, words) for each in mail.remarks if each.get("code") in _REMARKS)


def _remark(remark: Mapping[str, Any], words: Words) -> str:
    said = dict(remark)
    if "size" in said:
        said["size"] = size_words(int(said["size"]), words)
    if "why" in said:
        said["why"] = words(_WHY.get(said["why"], N_("It cannot be kept.")))
    return words(_REMARKS[said.pop("code")], **said)


def size_words(size: int, words: Words) -> str:
    """Return a size in the unit people think in, "30,1 MB"."""
    number, unit = (size / 1024**2, "MB") if size >= 1024**2 else (size / 1024, "kB")
    said = f"{number:.1f}"
    return f"{said.replace('.', ',') if words.language == 'de' else said} {unit}"


@router.get("/tickets/{number:row}/mails/{identity:row}")
def as_designed(visit: Visitor, number: int, identity: int) -> Response:
    """Show a mail's HTML in a document of its own, that nothing of ours reaches; 404 for another ticket's."""
    with visit.services.database.reading() as session:
        mail = queries.mail_in(session, number, identity)
        if mail is None or not mail.html:
            raise HTTPException(404)
        page = (
            f'<!doctype html><html lang="{visit.words.language}"><head><meta charset="utf-8"><base target="_blank">'
            f"<title>#{number}</title></head><body>{mail.html}</body></html>"
        )
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"})
