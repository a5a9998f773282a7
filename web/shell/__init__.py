"""What every page rests on: the request, who asks, forms, words, errors.

Addresses name rows by `{number:row}`, which no route can be declared with before it is known here.
"""

from starlette.convertors import Convertor, register_url_convertor


class RowNumber(Convertor[int]):
    """The number of a row in an address; one that no row could have leads to no page."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Return how an address names it."""
        return str(value)


register_url_convertor("row", RowNumber())
