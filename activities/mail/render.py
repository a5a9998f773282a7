"""Writes letters: from facts and templates to subject, text, HTML and headers. Knows no database and no SMTP.

A kind of notice is a folder `<kind>/<language>/` of templates; what kinds share lies in `_shared`, the words
that recur in `_shared/<language>.toml`. A definition that was applied once may name a kind that is shipped no longer,
or one that speaks of what its moment is not about: then the general kind says which ticket it is, and why.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_datetime as localized
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from activities.mail.auto_reply import Receipt
from activities.mail.digest_facts import Group, Report
from activities.mail.letter_facts import ANSWER, Item, Reader, Reply
from activities.mail.message import (
    mailbox_header,
    message_id,
    one_line,
    sender_of,
    thread,
)

BUNDLE = "bundle"
GENERAL, GENERAL_LIST = "notice", "list"
"""The kinds whose words fit every notice and every list."""
FALLBACK = "de"
_LANGUAGES = {
    "de": (Locale.parse("de_DE"), "EEE, d. MMMM y, HH:mm 'Uhr'"),
    "en": (Locale.parse("en_GB"), "EEE, d MMMM y, HH:mm"),
}
_FILES = ("subject.txt", "body.txt", "body.html")
_HEADING = "heading.txt"


@dataclass(frozen=True)
class Letter:
    """A letter as it is kept and sent: what is in here is sent again unchanged after a crash."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


class Letters:
    """Everything the product says by mail, in German and English; other languages are answered in German."""

    def __init__(self, base_url: str, mail_from: str, templates: Path) -> None:
        """Open the templates; raises ValueError naming the first file that is missing."""
        self._base_url = base_url.rstrip("/")
        self._name, self.sender = sender_of(mail_from)
        self._domain = self.sender.rpartition("@")[2]
        self._templates = templates
        self._check()
        self._headed = self.known_templates() - {BUNDLE}
        self._words = {
            language: tomllib.loads((templates / "_shared" / f"{language}.toml").read_text("utf-8"))
            for language in _LANGUAGES
        }
        self._jinja = Environment(
            loader=FileSystemLoader(templates),
            autoescape=select_autoescape(("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def known_templates(self) -> frozenset[str]:
        """Return the kinds there are templates for: what a process definition may name."""
        folders = (path for path in self._templates.iterdir() if path.is_dir())
        return frozenset(folder.name for folder in folders if not folder.name.startswith("_"))

    def message_id(self, mailbox: str, notice_keys: Iterable[str]) -> str:
        """Return the Message-ID of the mail that carries these notices."""
        return message_id(mailbox, notice_keys, self._domain)

    def notify(self, reader: Reader, items: Sequence[Item], at: datetime, message_id: str) -> Letter:
        """Return one letter to somebody of the staff: the kind's own for one item, the bundle for several.

        The same kind about the same thing of the same ticket is told once, the newest of them.
        """
        told = list({_subject_of(item): _clean(item) for item in items}.values())
        told.sort(key=lambda item: (item.due_at is None, item.due_at or at))
        numbers = list(dict.fromkeys(item.mark for item in told))
        headers = {
            "From": mailbox_header(self._name, self.sender),
            **self._envelope(reader, at, message_id, numbers),
            "Auto-Submitted": "auto-generated",
        }
        if len(numbers) == 1:
            kind = "customer" if told[0].life else "ticket"
            headers["References"] = f"<{kind}-{told[0].number}@{self._domain}>"
        language = _spoken(reader.language)
        facts: dict[str, Any] = {
            **self._shared(language),
            "headings": {kind: self._heading(kind, language) for kind in _kinds(told)},
            "kinds": list(dict.fromkeys(item.kind for item in told)),
            "reader": reader,
            "at": at,
            "owns": any(item.mine for item in told),
            "lives": all(item.life for item in told),
            "has_role": not all(item.mine for item in told),
            "standing_in": sorted({item.instead_of for item in told if item.instead_of}),
        }
        if len(told) == 1:
            return self._letter(told[0].kind, language, headers, facts | {"item": told[0]}, GENERAL)
        groups = [(kind, [item for item in told if item.kind == kind]) for kind in facts["kinds"]]
        facts |= {"groups": groups, "numbers": numbers}
        return self._letter(BUNDLE, language, headers, facts)

    def digest(self, reader: Reader, said: Report, at: datetime, message_id: str) -> Letter:
        """Return a list to somebody of the staff; its lines are under the headings they were grouped by."""
        language = _spoken(reader.language)
        words = self._words[language]
        touched = (Group("touched", said.touched),) if said.touched else ()
        groups = [
            (words["groups"].get(group.heading, one_line(group.heading)), [_clean(item) for item in group.items])
            for group in (*said.groups, *touched)
        ]
        items = [item for group in said.groups for item in group.items]
        headers = {
            "From": mailbox_header(self._name, self.sender),
            **self._envelope(reader, at, message_id, [item.mark for item in items]),
            "Auto-Submitted": "auto-generated",
        }
        facts: dict[str, Any] = {
            **self._shared(language),
            "headings": {said.kind: self._heading(said.kind, language, GENERAL_LIST)},
            "kinds": [said.kind],
            "reader": reader,
            "at": at,
            "owns": False,
            "lives": False,
            "has_role": True,
            "standing_in": [],
            "said": said,
            "groups": groups,
            "total": len(items),
            "late": sum(item.due_at is not None and item.due_at <= at for item in items),
        }
        return self._letter(said.kind, language, headers, facts, GENERAL_LIST)

    def answer(self, reader: Reader, reply: Reply, at: datetime, message_id: str) -> Letter:
        """Return a person's answer to a customer: their words and their name, and nothing internal."""
        author, site = one_line(reply.author), one_line(reply.site)
        headers = {
            "From": mailbox_header(" · ".join(filter(None, (author, site))), self.sender),
            **self._envelope(reader, at, message_id, [reply.number]),
        }
        if replies_to := thread([reply.replies_to]):
            headers["In-Reply-To"] = replies_to
            headers["References"] = thread(reply.thread)
        language = _spoken(reader.language)
        facts = {**self._shared(language), "reply": reply, "author": author, "site": site}
        facts["subject"] = one_line(reply.subject)
        return self._letter(ANSWER, language, headers, facts)

    def receipt(self, reader: Reader, kind: str, receipt: Receipt, at: datetime, message_id: str) -> Letter:
        """Return what a machine writes to a customer; its headers ask other machines not to answer (RFC 3834)."""
        headers = {
            "From": mailbox_header(one_line(receipt.site), self.sender),
            **self._envelope(reader, at, message_id, [receipt.number]),
            "Auto-Submitted": "auto-replied",
            "X-Auto-Response-Suppress": "All",
        }
        if replies_to := thread([receipt.replies_to]):
            headers["In-Reply-To"] = replies_to
            headers["References"] = thread(receipt.thread)
        language = _spoken(reader.language)
        said = replace(receipt, customer=one_line(receipt.customer), site=one_line(receipt.site))
        facts = {**self._shared(language), "receipt": said, "subject": one_line(receipt.subject)}
        return self._letter(kind, language, headers, facts)

    def _envelope(self, reader: Reader, at: datetime, message_id: str, numbers: Sequence[str]) -> dict[str, str]:
        return {
            "To": mailbox_header(reader.name, reader.address),
            "Date": format_datetime(at),
            "Message-ID": message_id,
            "X-Statuskette-Ticket": ", ".join(number.lstrip("#") for number in numbers),
        }

    def _shared(self, language: str) -> dict[str, Any]:
        return {
            "language": language,
            "base_url": self._base_url,
            "words": self._words[language],
            "when": _clock(language),
        }

    def _letter(
        self, kind: str, language: str, headers: Mapping[str, str], facts: Mapping[str, Any], general: str = ""
    ) -> Letter:
        """Return a letter of a kind; one of the general kind, if there is one, where this kind has no words for it."""
        try:
            subject, text, html = (self._render(f"{kind}/{language}/{file}", facts) for file in _FILES)
        except TemplateError:
            if not general:
                raise
            return self._letter(general, language, headers, facts)
        return Letter(one_line(subject), text.strip() + "\n", html.strip() + "\n", headers)

    def _heading(self, kind: str, language: str, general: str = GENERAL) -> str:
        kind = kind if kind in self._headed else general
        return self._render(f"{kind}/{language}/{_HEADING}", self._shared(language)).strip()

    def _render(self, template: str, facts: Mapping[str, Any]) -> str:
        return self._jinja.get_template(template).render(facts)

    def _check(self) -> None:
        for kind in sorted(self.known_templates()):
            for file in (*_FILES, *(() if kind == BUNDLE else (_HEADING,))):
                for language in _LANGUAGES:
                    if not (self._templates / kind / language / file).is_file():
                        raise ValueError(f"mail template {kind}/{language}/{file} is missing")


def _spoken(language: str) -> str:
    return language if language in _LANGUAGES else FALLBACK


def _clock(language: str) -> Callable[[datetime], str]:
    locale, pattern = _LANGUAGES[language]
    return lambda at: localized(at, pattern, tzinfo=at.tzinfo, locale=locale)


def _kinds(items: Iterable[Item]) -> set[str]:
    """Return the kinds a letter names: its items' own, and those of mails that were lost."""
    return {kind for item in items for kind in (item.kind, *(item.lost.kinds if item.lost else ()))}


def _subject_of(item: Item) -> tuple[object, ...]:
    """Return what an item is about: its ticket, and the gate, open point or task if it is about one."""
    return item.kind, item.mark, item.path, tuple(item.point.values()), item.task, tuple(item.title.values())


def _clean(item: Item) -> Item:
    """Keep customers' and colleagues' texts on one line: nobody can write lines of ours into a letter."""
    lost = item.lost and replace(item.lost, to=one_line(item.lost.to), error=one_line(item.lost.error))
    return replace(
        item,
        subject=one_line(item.subject),
        customer=one_line(item.customer),
        phone=one_line(item.phone),
        owner=item.owner and one_line(item.owner),
        instead_of=one_line(item.instead_of),
        lost=lost,
    )
