"""Telephone numbers, however they are written: a number without a country is read in the region of the site.

A region is a country's code of two letters (ISO 3166), as the calendar of a site names it.
"""

import re
import unicodedata

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    country_code_for_region,
    format_number,
    is_valid_number,
    ndd_prefix_for_region,
    parse,
)

REGION = "DE"
"""Where a number is from if nobody says."""
_TYPED = re.compile(r"\+?[0-9 \u00a0()/.\-]+")
_WRITTEN = re.compile(r"\+?[\d(][\d\s()/.\-\u2010-\u2015]*")
_TRUNK = re.compile(r"\(\s*0\s*\)")
_FEWEST_DIGITS = 5


def is_number(typed: str) -> bool:
    """Whether somebody may be typing a telephone number.

    >>> [is_number(one) for one in ("+49 (0)89", "089/12", "Huber", "")]
    [True, True, False, False]
    """
    return _TYPED.fullmatch(typed) is not None


def like_phone(phone: str, region: str = REGION) -> str:
    """Return a telephone number as its digits, country first; empty where there are too few to mean anybody.

    What has lost its 0 in a table is known again if such a number can exist; a bare local number stays as it is.

    >>> {like_phone(one) for one in ("+49 89 123456", "0049 (0)89/123456", "(089) 12 34-56", "89 123456")}
    {'4989123456'}
    >>> like_phone("01 513 12 34", "AT") == like_phone("+43 1 513 12 34")
    True
    """
    found = _WRITTEN.search(_TRUNK.sub("", unicodedata.normalize("NFKC", phone)))
    typed = found[0] if found else ""
    digits = "".join(str(unicodedata.decimal(char)) for char in typed if char.isdecimal())
    if len(digits) < _FEWEST_DIGITS:
        return ""
    try:
        number = parse(typed, region)
    except NumberParseException:
        return digits
    says_where = typed.startswith("+") or digits.startswith("0")
    if not says_where and not is_valid_number(number):
        return digits
    return format_number(number, PhoneNumberFormat.E164).removeprefix("+")


def national(typed: str, region: str = REGION) -> str:
    """Return the digits that every way of writing a number has in common, also of one that is only begun.

    >>> [national(one) for one in ("+49 (0)89 12", "0049 89 12", "089 12", "8912", "+43 1 2")]
    ['8912', '8912', '8912', '8912', '4312']
    >>> [national(one, "AT") for one in ("+43 1 2", "01 2", "+49 89 12")]
    ['12', '12', '498912']
    """
    home = str(country_code_for_region(region))
    trunk = ndd_prefix_for_region(region, strip_non_digits=True) or ""
    written = _TRUNK.sub("", typed).strip()
    digits = "".join(char for char in written if char.isascii() and char.isdigit())
    if not written.startswith("+"):
        if not digits.startswith("00"):
            return digits.removeprefix(trunk)
        digits = digits.removeprefix("00")
    at_home = digits.removeprefix(home)
    return at_home if at_home == digits else at_home.removeprefix(trunk)
