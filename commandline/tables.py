"""Prints tables: aligned, in colours nobody depends on, and unfolded where they are piped into something."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED = 400
"""Wide enough that no line is folded when the output is read by a program."""


@dataclass(frozen=True)
class Column:
    """A column; `folds` when its text may go over several lines."""

    heading: str
    folds: bool = False
    right: bool = False


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of plain text; nothing in them is read as markup."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPED)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            column.heading, no_wrap=not column.folds, overflow="fold", justify="right" if column.right else "left"
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
