"""A refusal is said at the field it is about, whichever form it came from."""

import pytest

from domain.words.wording import refusal
from web.commands.refused import _FIELDS, field_of


@pytest.mark.parametrize("code", sorted(_FIELDS))
def test_refusal_with_a_field_is_one_that_has_words(code: str) -> None:
    for language in ("de", "en"):
        assert refusal(code, {}, language) != code


@pytest.mark.parametrize(
    ("code", "form", "field"),
    [
        ("too_far", {"milestone", "planned_for"}, "planned_for"),
        ("too_far", {"text", "follow_up_at"}, "follow_up_at"),
        ("too_far", {"to", "until"}, "until"),
        ("too_far", {"text"}, ""),
        ("already_so", {"tag"}, "tag"),
        ("already_so", {"text"}, ""),
        ("outdated", {"text"}, ""),
    ],
)
def test_field_is_the_first_that_the_form_has(code: str, form: set[str], field: str) -> None:
    assert field_of(code, form) == field
