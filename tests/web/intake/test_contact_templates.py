"""The texts people are written with: complete in both languages, and refused where a gap would stay open."""

import pytest

from domain.process.table import DefinitionError
from processes.contact_templates import To, contact_templates, of, read_contact_templates

GOOD = """
[[templates]]
key = "a"
to = "customer"
title = { de = "A", en = "A" }
subject = { de = "B", en = "B" }
text = { de = "Hallo {customer}, {me}", en = "Hello {customer}, {me}" }
"""


def test_shipped_templates_are_for_customers_and_for_assistants() -> None:
    """Every one names both, in both languages."""
    assert set(of(To.CUSTOMER)) | set(of(To.ASSISTANT)) == set(contact_templates())
    assert of(To.CUSTOMER)
    assert of(To.ASSISTANT)
    for template in contact_templates().values():
        for language in ("de", "en"):
            subject, text = template.filled(language, "Ada Lang", "Ina Voss")
            assert subject.strip()
            assert "Ada Lang" in text
            assert text.endswith("Ina Voss")


def test_language_we_do_not_speak_gets_german() -> None:
    template = read_contact_templates(GOOD, "good.toml")["a"]
    assert template.filled("fr", "Ada", "Ina") == ("B", "Hallo Ada, Ina")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{me}", "{you}", "the gap {you} is unknown"),
        ("{me}", "{}", "the gap {} is unknown"),
        ("{me}", "{me", "text"),
        ('to = "customer"', 'to = "nobody"', "'nobody' is unknown"),
        ('key = "a"', 'key = "a"\ncolour = "red"', "colour"),
        ('title = { de = "A", en = "A" }', 'title = { de = "A" }', "title: en"),
        ("[[templates]]", GOOD + "\n[[templates]]", "is there twice"),
    ],
)
def test_template_that_cannot_be_is_refused_with_its_place(before: str, after: str, said: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        read_contact_templates(GOOD.replace(before, after, 1), "bad.toml")
    assert str(refused.value).startswith("bad.toml: ")
    assert said in str(refused.value)
