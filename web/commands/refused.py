"""Says a refusal where it was typed: at the field that it is about, or else above the form."""

from collections.abc import Container, Mapping

from domain.ticket.facts import Refused
from domain.words.wording import refusal
from web.commands.loaded import Opened
from web.shell import naming
from web.shell.forms import Sheet
from web.shell.translations import Words

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text_missing": ("text",),
    "follow_up_in_the_past": ("follow_up_at",),
    "too_far": ("answer_by", "planned_for", "until", "follow_up_at"),
    "reason_missing": ("reason",),
    "reason_unknown": ("reason",),
    "person_unknown": ("to",),
    "already_owner": ("to",),
    "not_receiver": ("to",),
    "milestone_unknown": ("milestone",),
    "milestone_reached_already": ("milestone",),
    "milestone_out_of_sequence": ("milestone",),
    "not_an_earlier_phase": ("phase",),
    "point_due_in_the_past": ("until",),
    "package_unknown": ("size",),
    "in_the_future": ("day",),
    "before_registration": ("day",),
    "task_key": ("task",),
    "task_known": ("task",),
    "task_unknown": ("task",),
    "task_assigned_already": ("task",),
    "tag_unknown": ("tag",),
    "already_so": ("tag",),
    "answer_in_the_past": ("answer_by",),
}
"""What a refusal may be about, by its code: it is said at the first of these that the form has."""


def field_of(code: str, form: Container[str]) -> str:
    """Return the field of a form that a refusal is about; empty where it is about none of them."""
    return next((field for field in _FIELDS.get(code, ()) if field in form), "")


def sentence_of(refused: Refused, opened: Opened, words: Words) -> str:
    """Return why, in the words of whoever is told."""
    context = naming.refusal_context(refused, opened.rule_context, opened.people, words)
    return refusal(refused.code, context, words.language)


def said_at_field(refused: Refused, opened: Opened, sheet: Sheet, words: Words) -> str:
    """Note a refusal at the field it is about; returns what is to be said above the form, nothing if it has a field."""
    sentence, field = sentence_of(refused, opened, words), field_of(refused.code, sheet.typed)
    if not field:
        return sentence
    sheet.wrong(field, "%(sentence)s", sentence=sentence)
    return ""
