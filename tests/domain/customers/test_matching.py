"""What makes two entries look like one customer, and what does not."""

import pytest

from domain.customers.matching import like_email, like_name
from domain.customers.telephone import like_phone


@pytest.mark.parametrize(
    "phone", ["+49 89 123456", "0049 89 123456", "089/123456", "(089) 12 34-56", "+49(0)89 123456"]
)
def test_telephone_number_is_the_same_however_it_is_written(phone: str) -> None:
    assert like_phone(phone) == "4989123456"


@pytest.mark.parametrize(
    ("phone", "like"),
    [
        ("01715550177", "491715550177"),
        ("1715550177", "491715550177"),
        ("Tel. 089 123456 oder 999999", "4989123456"),
        ("089 12/34-56 Durchwahl Huber", "4989123456"),
        ("+999 12345", "99912345"),
        ("+43 1 234567", "431234567"),
        ("0043 1 234567", "431234567"),
        ("+39 06 698", "3906698"),
        ("123456", "123456"),
        ("1234", ""),
        ("", ""),
        ("bitte nicht anrufen", ""),
        ("+49 089 123456", "4989123456"),
        ("٠٨٩١٢٣٤٥٦", "4989123456"),
    ],
)
def test_telephone_number_of_elsewhere_stays_and_a_few_digits_mean_nobody(phone: str, like: str) -> None:
    """Digits of other scripts are digits; in Italy the zero belongs to the number."""
    assert like_phone(phone) == like


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Müller", "Groß GmbH"), ("MUELLER", "Gross")),
        (("Jörg  Weiß", ""), ("joerg weiss", "")),
        (("Kim", "Huber & Söhne GmbH & Co. KG"), ("Kim", "Huber und Soehne")),
        (("Kim", "Nord Gesellschaft mit beschränkter Haftung"), ("Kim", "Nord m.b.H.")),
        (("Kim", "Nord AG"), ("Kim", "NORD Aktiengesellschaft")),
        (("José", "Łódź"), ("Jose", "Lodz")),
        (("Mu\u0308ller", ""), ("Müller", "")),
    ],
)
def test_name_is_the_same_without_case_umlauts_and_legal_forms(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert like_name(*one) == like_name(*other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Kim", "Nord"), ("Kim", "")),
        (("Kim Nord", ""), ("Kim", "Nord")),
        (("Müller", ""), ("Muller", "")),
        (("Kim", "GmbH"), ("Kim", "AG")),
    ],
)
def test_name_with_another_company_is_another(one: tuple[str, str], other: tuple[str, str]) -> None:
    """A legal form that is all there is stays."""
    assert like_name(*one) != like_name(*other)


def test_nothing_is_like_nothing() -> None:
    assert (like_name(" ", "–"), like_email(" "), like_phone(" ")) == ("", "", "")
