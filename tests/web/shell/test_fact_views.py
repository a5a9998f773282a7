"""Every fact there is can be shown: one row each, in a sentence whose gaps are all filled."""

from typing import get_args

import pytest

from domain.ticket.customer_facts import CustomerFact
from domain.ticket.facts import Fact
from domain.words.wording import fact_words
from web.shell.fact_views import FACTS, Speaker, sent_by, spoken_by

OF_CUSTOMERS = {fact.kind for fact in get_args(CustomerFact)}
KINDS = {fact.kind for fact in get_args(Fact)} | OF_CUSTOMERS
NOT_FACTS = {"received", "registered", "refused"}
"""What begins a history, and what was asked in vain."""


def test_every_kind_of_fact_has_one_row_and_every_row_a_kind() -> None:
    assert set(FACTS) == KINDS | NOT_FACTS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_fact_has_a_sentence_where_it_can_happen_and_words_for_programs(kind: str) -> None:
    view = FACTS[kind]
    assert view.sentence({}, life=kind in OF_CUSTOMERS)
    assert fact_words(kind, "de") != kind


def test_variants_are_told_by_what_a_fact_says() -> None:
    assert "planned" in FACTS["milestone"].sentence({"at": "2027-03-02"}, life=False)
    assert "checked" in FACTS["milestone"].sentence({"at": "2027-03-02"}, life=True)
    assert "off the watchlist" in FACTS["watched"].sentence({"on": False}, life=True)
    assert "by a call" in FACTS["welcomed"].sentence({"by": "call"}, life=False)
    assert "archived" in FACTS["closed"].sentence({"chain": True}, life=False)


def test_who_spoke_is_read_from_the_rows() -> None:
    assert "customer_wrote" in spoken_by(Speaker.CUSTOMER) & sent_by("mail")
    assert "called" in spoken_by(Speaker.US) & sent_by("phone")
    assert "noted" not in spoken_by(Speaker.CUSTOMER, Speaker.US)
