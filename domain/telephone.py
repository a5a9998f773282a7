"""What telephone numbers have in common while somebody types one, however it is written. Pure."""

import re

HOME = "49"
"""The country whose numbers begin with a single 0."""
_TYPED = re.compile(r"\+?[0-9 \u00a0()/.\-]+")


def is_number(typed: str) -> bool:
    """Whether somebody may be typing a telephone number.

    >>> [is_number(one) for one in ("+49 (0)89", "089/12", "Huber", "")]
    [True, True, False, False]
    """
    return _TYPED.fullmatch(typed) is not None


def national(phone: str) -> str:
    """Return the digits that every way of writing a number has in common, also of one that is only begun.

    >>> [national(one) for one in ("+49 (0)89 12", "0049 89 12", "089 12", "8912", "+43 1 2")]
    ['8912', '8912', '8912', '8912', '4312']
    """
    return _international(phone).removeprefix(HOME) if _says_country(phone) else _digits(phone)


def _international(phone: str) -> str:
    digits = _digits(phone.replace("(0)", ""))
    if phone.strip().startswith("+"):
        return _without_trunk_zero(digits)
    if digits.startswith("00"):
        return _without_trunk_zero(digits[2:])
    return HOME + digits[1:] if digits.startswith("0") else digits


def _says_country(phone: str) -> bool:
    """Whether a number says, or begins as one that says, where it is: with a plus or with zeros."""
    return phone.strip().startswith(("+", "0"))


def _without_trunk_zero(digits: str) -> str:
    """Return +49 089 … as +49 89 …; elsewhere a zero after the country may belong to the number."""
    return re.sub(rf"^{HOME}0+", HOME, digits)


def _digits(phone: str) -> str:
    return "".join(char for char in phone if char.isascii() and char.isdigit())
