"""Composes the commands, and turns whatever is wrong into one line on stderr and an exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from domain.process.table import DefinitionError
from domain.ticket.facts import Refused
from domain.time.calendar import CalendarError
from domain.words.wording import refusal
from installation.errors import Failure

WRONG = 2
"""Exit code for whatever the person who typed the command can put right."""

_COMMANDS = {
    "simulate": "commandline.simulating",
    "setup": "commandline.setting_up",
    "doctor": "commandline.examining",
    "import": "commandline.importing",
    "roll-over": "commandline.rolling_over",
    "ticket": "commandline.tickets",
    "up": "commandline.starting",
}
"""Each command's module has `add_to`. Only the one that was asked for is loaded: Temporal alone takes a second."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    try:
        code = _app(arguments)(list(arguments), standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as problem:
        return _fail(problem.format_message())
    except Refused as refused:
        return _fail(refusal(refused.code, refused.context, "en"))
    except (Failure, DefinitionError, CalendarError) as problem:
        return _fail(str(problem))
    except BrokenPipeError:
        return 1
    except OSError as problem:
        return _fail(f"{problem.filename or 'system'}: {problem.strerror or problem}")
    return code if isinstance(code, int) else 0


def _app(arguments: Sequence[str]) -> typer.Typer:
    app = typer.Typer(
        name="starter.py",
        help="Statuskette keeps a company's promises.",
        callback=_stay_a_group,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for command in [command for command in arguments[:1] if command in _COMMANDS] or _COMMANDS:
        import_module(_COMMANDS[command]).add_to(app)
    return app


def _stay_a_group() -> None:
    """Keep the command's name on the command line, even where only one command was loaded."""


def _fail(message: str) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201
    return WRONG
