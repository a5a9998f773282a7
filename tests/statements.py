"""Every statement of the domain, with its source, and the tests that prove it: `python -m tests.statements`.

A test proves the statement that its name begins with, or that its docstring names.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "statements.md"
STATEMENTS: dict[str, dict[str, str]] = tomllib.loads((ROOT / "docs" / "statements.toml").read_text(encoding="utf-8"))
"""What each says, and its source."""
_NAMED = re.compile(r"\b(?:AC|KM|KD|QG|SP|SL)-\d\d\b")
_IN_A_NAME = re.compile(r"test_(ac|km|kd|qg|sp|sl)_(\d\d)_")

_RANGE = re.compile(r"\b(AC|KM|KD|QG|SP|SL)-(\d\d)\s*(?:to|…|-)\s*(?:\1-)?(\d\d)\b")


def proofs() -> Iterator[tuple[str, str, set[str]]]:
    """Yield file, name and the statements of every test."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield str(path.relative_to(ROOT)), node.name, named(node.name, ast.get_docstring(node) or "")


def named(name: str, words: str) -> set[str]:
    """Return the statements that a test's name and docstring name, those between two ends included.

    >>> sorted(named("test_ac_02_example", "KM-02 to KM-04, and SL-05"))
    ['AC-02', 'KM-02', 'KM-03', 'KM-04', 'SL-05']
    """
    found = {f"{match[1].upper()}-{match[2]}" for match in _IN_A_NAME.finditer(name)} | set(_NAMED.findall(words))
    for kind, first, last in _RANGE.findall(words):
        found |= {f"{kind}-{n:02}" for n in range(int(first), int(last) + 1)}
    return found


def page() -> str:
    """Return the page as it is now."""
    proved: dict[str, list[str]] = {statement: [] for statement in STATEMENTS}
    for file, name, statements in proofs():
        for statement in statements & set(STATEMENTS):
            proved[statement].append(f"[`{name}`](../{file})")
    lines = [
        "# Statements",
        "",
        "Every rule of the sources, and the tests that prove it. Written by `python -m tests.statements`.",
        "Moments and gates cite the same sources in `processes/*.toml`.",
        "",
        "| id | what | statement (source) | proved by |",
        "|---|---|---|---|",
    ]
    for statement, said in STATEMENTS.items():
        cell = "<br>".join(proved[statement])
        lines.append(f"| {statement} | {said['what']} | {said['statement']} | {cell} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
