"""Names an error nobody foresaw without its words: they may quote a mail, and logs and pages must not."""

import traceback
from pathlib import Path


def named(problem: BaseException) -> str:
    """Return an error's type and the line it came from, "KeyError (parts.py:12)"."""
    where = traceback.extract_tb(problem.__traceback__)[-1:]
    return " ".join([type(problem).__name__, *(f"({Path(at.filename).name}:{at.lineno})" for at in where)])
