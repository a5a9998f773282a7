"""What is said after something was done: every redirect that names a sentence finds it."""

import ast

from tests.paths import ROOT
from web.app import flashes


def named() -> set[str]:
    """Return the names that redirects give."""
    found: set[str] = set()
    for path in (ROOT / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "redirect":
                found |= {name for argument in node.args[1:] for name in texts(argument)}
    return found


def texts(argument: ast.expr) -> set[str]:
    """Return what an argument may be, as far as it stands there."""
    match argument:
        case ast.Constant(value=str(name)):
            return {name}
        case ast.IfExp(body=one, orelse=other):
            return texts(one) | texts(other)
        case _:
            return set()


def test_every_redirect_finds_what_it_says() -> None:
    assert named() - set(flashes()) == set()
