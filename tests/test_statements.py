"""The page of the statements is current, and none of them is without a test."""

from tests.statements import PAGE, STATEMENTS, page, proofs


def test_page_of_the_statements_is_current() -> None:
    """After a test was added or renamed: `python -m tests.statements`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_statement_is_named_by_a_test() -> None:
    proved = {statement for _, _, statements in proofs() for statement in statements}
    assert sorted(set(STATEMENTS) - proved) == []
