"""A checklist as people see and fill it in: each line with its answer, and what is wrong or missing at it.

Which answer passes is the domain's to say; here it gets words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from domain.process.gates import NO, YES, Answer, Gate, Item, ItemKind, Prefill, as_date, wrong
from domain.text.legible import LONGEST_TEXT
from domain.words.wording import day
from models.tables import AnswerRow, CustomerRow
from web.commands.queries import FileCard
from web.shell.forms import REASON, REMARK, VALUE, WAS, plain
from web.shell.translations import N_, Words

FILE, NOT_IN_ORDER = "file:", "wrong:"
"""What the fields of a line are called, before the item's key; with `WAS` behind it, what the page had shown there."""
SHORT_TEXT = 80
_NO_ANSWER = Answer()

_WRONG = {
    "answer_too_long": N_("At most %(limit)s characters. What is too long was not kept; please shorten the text."),
    "not_yes_or_no": N_("Please choose yes or no."),
    "not_a_text": N_("Please write something."),
    "not_a_number": N_("This is not a number, like 1250 or 1.250,50."),
    "not_a_date": N_("This is not a date, like 2027-03-03."),
    "not_a_file": N_("This is not a file of this ticket. Please choose one."),
    "not_a_choice": N_("Please choose one."),
    "day_too_early": N_("This is too early: not before %(day)s (%(milestone)s)."),
}


def date_words(of: date, language: str) -> str:
    """Return a date that has no zone, "Mi 03.03.2027"."""
    return day(datetime.combine(of, time(12), UTC), language, ZoneInfo("UTC"))


@dataclass(frozen=True)
class Line:
    """One line of a checklist, in words. `was` is what rests in the draft, `answer` what the page shows for it."""

    item: Item
    title: str
    help: str
    options: list[tuple[str, str]]
    answer: Answer
    was: Answer
    missing: str = ""
    problem: str = ""
    remark: str = ""
    file: FileCard | None = None
    prefilled: bool = False
    shown: str = ""
    saved: str = ""
    conflict: "Conflict | None" = None

    @property
    def key(self) -> str:
        """The item's key."""
        return self.item.key

    @property
    def is_short(self) -> bool:
        """Whether an answer in words fits into one row."""
        return len(self.answer.value) <= SHORT_TEXT and "\n" not in self.answer.value


@dataclass(frozen=True)
class Conflict:
    """What somebody else wrote into a line meanwhile."""

    by: str
    answer: Answer
    shown: str


@dataclass(frozen=True)
class Reader:
    """Puts the lines of one gate into words: who the customer is, which files there are, which days may be named."""

    gate: Gate
    customer: CustomerRow
    files: Mapping[str, FileCard]
    earliest: Mapping[str, date]
    milestones: Mapping[str, str]
    words: Words

    def lines(
        self, draft: Mapping[str, Answer], shown: Mapping[str, Answer] | None = None, *, prefill: bool = False
    ) -> list[Line]:
        """Return the checklist; `shown` is what somebody typed instead of what rests in the draft."""
        answers = {**(self.filled(draft) if prefill else draft), **(shown or {})}
        missing = self.missing(answers)
        return [self._line(item, draft, answers, missing) for item in self.gate.items]

    def filled(self, draft: Mapping[str, Answer]) -> dict[str, Answer]:
        """Return the draft with what the customer's card knows already, where nobody wrote anything yet."""
        known = {item.key: Answer(self.prefill(item)) for item in self.gate.items if self.prefill(item)}
        return {**known, **draft}

    def prefill(self, item: Item) -> str:
        """Return what the customer's card says about a line."""
        return {Prefill.EMAIL: self.customer.email, Prefill.PHONE: self.customer.phone, None: ""}[item.prefill]

    def missing(self, answers: Mapping[str, Answer]) -> tuple[str, ...]:
        """Return the required lines that do not pass; a file that is not there is no answer."""
        files = {item.key for item in self.gate.items if item.kind is ItemKind.FILE}
        there = {
            key: Answer("", answer.reason) if key in files and answer.value not in self.files else answer
            for key, answer in answers.items()
        }
        return self.gate.missing(there, self.earliest)

    def problem(self, item: Item, answer: Answer) -> str:
        """Return what is wrong with an answer, in words; empty for one that fits, and for none."""
        code = wrong(item, answer.value, self.earliest.get(item.key))
        if len(answer.reason) > LONGEST_TEXT:
            code = "answer_too_long"
        if code is None:
            return ""
        first = self.earliest.get(item.key)
        return self.words(
            _WRONG[code],
            limit=LONGEST_TEXT,
            day=date_words(first, self.words.language) if first else "",
            milestone=self.milestones.get(item.follows or "", ""),
        )

    def demand(self, item: Item, answer: Answer) -> str:
        """Return what a line that does not pass still needs."""
        if item.demands_yes and answer.value == NO:
            return self.words(N_("The gate demands a “yes” here."))
        if item.may_be_missing:
            return self.words(N_("Please fill this in, or say why it is missing."))
        return self.words(N_("Please add the file.") if item.kind is ItemKind.FILE else N_("Please fill this in."))

    def say(self, item: Item, answer: Answer) -> str:
        """Return an answer as a person reads it; empty for none."""
        value = answer.value
        if item.kind is ItemKind.YES_NO:
            return self.words({YES: N_("yes"), NO: N_("no")}[value]) if value in (YES, NO) else value
        if item.kind is ItemKind.CHOICE and item.options and value in item.options:
            return item.options[value][self.words.language]
        if item.kind is ItemKind.FILE:
            return self.files[value].name if value in self.files else ""
        named = as_date(value) if item.kind is ItemKind.DATE else None
        return date_words(named, self.words.language) if named else value

    def conflict(self, item: Item, row: AnswerRow | None, name: Callable[[str], str]) -> Conflict | None:
        """Return what somebody else wrote meanwhile, in words."""
        if row is None:
            return None
        answer = Answer(row.value, row.reason)
        return Conflict(name(row.by), answer, self.say(item, answer) or answer.reason or "–")

    def _line(
        self, item: Item, draft: Mapping[str, Answer], answers: Mapping[str, Answer], missing: tuple[str, ...]
    ) -> Line:
        language, answer = self.words.language, answers.get(item.key, _NO_ANSWER)
        problem = self.problem(item, answer)
        return Line(
            item=item,
            title=item.title[language],
            help=item.help[language] if item.help else "",
            options=[(key, title[language]) for key, title in (item.options or {}).items()],
            answer=answer,
            was=draft.get(item.key, _NO_ANSWER),
            missing=self.demand(item, answer) if item.key in missing and not problem else "",
            problem=problem,
            file=self.files.get(answer.value) if item.kind is ItemKind.FILE else None,
            prefilled=item.key not in draft and bool(answer.value),
            shown=self.say(item, answer),
        )


@dataclass(frozen=True)
class Change:
    """A line somebody changed: what they had seen there, and what they typed instead."""

    was: Answer
    answer: Answer


def changes(gate: Gate, form: FormData) -> dict[str, Change]:
    """Return the lines that were changed; what is not in the form, or as it was, is left alone."""
    found = {}
    for item in gate.items:
        value, reason = _typed(form, VALUE + item.key), _typed(form, REASON + item.key)
        if value is None and reason is None:
            continue
        was = Answer(_typed(form, VALUE + item.key + WAS) or "", _typed(form, REASON + item.key + WAS) or "")
        answer = Answer(was.value if value is None else value, was.reason if reason is None else reason)
        if answer != was:
            found[item.key] = Change(was, answer)
    return found


def remarks(gate: Gate, form: FormData) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the lines that are not in order, and what was remarked at them; a remark is an objection, too."""
    said = {item.key: (_typed(form, REMARK + item.key) or "").strip() for item in gate.items}
    items = tuple(item.key for item in gate.items if said[item.key] or form.get(NOT_IN_ORDER + item.key))
    return items, {key: remark for key, remark in said.items() if remark}


def chosen_files(gate: Gate, form: FormData) -> Iterator[str]:
    """Yield the lines for which a file was chosen."""
    for item in gate.items:
        sent = form.get(FILE + item.key)
        if item.kind is ItemKind.FILE and sent is not None and not isinstance(sent, str) and sent.filename:
            yield item.key


def _typed(form: FormData, name: str) -> str | None:
    """Return a field as it was typed, without what nobody can see; None where there is none."""
    sent = form.get(name)
    return plain(sent) if isinstance(sent, str) else None
