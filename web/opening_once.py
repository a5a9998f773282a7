"""Opens a ticket once per form, however often the button is pressed. Knows forms of this process only."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

_REMEMBERED = 1000


class OpeningOnce:
    """Remembers which form became which ticket; the second press waits for the first one's answer."""

    def __init__(self) -> None:
        """Begin without memories."""
        self._opened: OrderedDict[str, asyncio.Task[int]] = OrderedDict()

    async def open(self, form: str, opening: Callable[[], Awaitable[int]]) -> int:
        """Return the number of the form's ticket, opening it if this is the first press.

        A failure may be repeated.
        """
        task = self._opened.get(form)
        if task is None:
            task = self._opened[form] = asyncio.create_task(_run(opening))
        try:
            return await asyncio.shield(task)
        except Exception:
            self._opened.pop(form, None)
            raise
        finally:
            while len(self._opened) > _REMEMBERED:
                self._opened.popitem(last=False)


async def _run(opening: Callable[[], Awaitable[int]]) -> int:
    return await opening()
