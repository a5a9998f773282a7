"""Makes the release after this one: today's code in a folder of its own, with the changes that are hardest to ship.

A further search attribute in the waiting loop, and a further field in the state of tickets.
"""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
ATTRIBUTE = "Owes"
_PARTS = ("activities", "domain", "models", "processes", "workflows", "templates", "locale", "settings.py", "worker.py")
_SHOWS_WHO_OWES = """\
        if workflow.patched("owes"):
            wanted.append(names.OWES.value_set(now.owner))
"""
_CHANGES = {
    "workflows/names.py": (
        ("SEARCH_ATTRIBUTES = (", 'OWES = SearchAttributeKey.for_keyword("Owes")\nSEARCH_ATTRIBUTES = (OWES, '),
    ),
    "workflows/case.py": (
        (
            "        changed = [",
            _SHOWS_WHO_OWES + "        changed = [",
        ),
    ),
    "workflows/revision.py": (
        ("REVISION = ", "REVISION = 100 + "),
        ("PATCHES: dict[str, int] = {", 'PATCHES: dict[str, int] = {"owes": 101, '),
    ),
    "domain/ticket/ticket.py": (
        ("    life: Life | None = None\n", '    life: Life | None = None\n    owes: str = "them"\n'),
    ),
    "models/codec.py": (("STATE = ", "STATE = 100 + "),),
}


def make(folder: Path) -> Path:
    """Write the next release into a folder; fails where today's code has moved away from what is changed."""
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)
    for name, replacements in _CHANGES.items():
        path = folder / name
        text = path.read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text, f"{name} has no {old!r} any more"
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
    return folder
