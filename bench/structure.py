"""Counts how the tree is built: `python -m bench.structure`. What is counted is what a newcomer has to find.

Folders with their modules, imports against the order of the folders, in how many files a kind of fact is named, the
longest file and function. Where a count grows, a wall is missing.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import get_args

from domain.ticket.customer_facts import CustomerFact
from domain.ticket.facts import Fact

ROOT = Path(__file__).parents[1]
DRAWERS = ("domain", "activities", "web")
CODE = ("activities", "commandline", "domain", "embedded", "installation", "models", "processes", "web", "workflows")


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Yield the modules below some folders, parsed."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def room(module: str) -> str:
    """Return the folder of a drawer that a module is in, the module itself where it lies in the drawer."""
    return ".".join(module.split(".")[:2])


def arrows(drawer: str) -> Counter[tuple[str, str]]:
    """Return how many imports lead from one folder of a drawer to another."""
    found: Counter[tuple[str, str]] = Counter()
    for path, tree in modules(drawer):
        here = room(".".join(path.with_suffix("").parts))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{drawer}."):
                found[here, room(node.module)] += 1
            elif isinstance(node, ast.ImportFrom) and node.module == drawer:
                found.update((here, f"{drawer}.{alias.name}") for alias in node.names)
    return Counter({arrow: n for arrow, n in found.items() if arrow[0] != arrow[1]})


def upward(found: Counter[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the arrows that are part of a circle: in no order of the folders do they all lead down."""
    below: dict[str, set[str]] = {}
    for here, there in found:
        below.setdefault(here, set()).add(there)

    def reaches(start: str, end: str) -> bool:
        seen, ahead = set[str](), [start]
        while ahead:
            for there in below.get(ahead.pop(), set()) - seen:
                seen.add(there)
                ahead.append(there)
        return end in seen

    return {(here, there) for here, there in found if reaches(there, here)}


def places_of_facts() -> dict[str, list[str]]:
    """Return the files that name each fact: by its class, or by its kind as a text."""
    facts = {fact for union in (Fact, CustomerFact) for fact in get_args(union)}
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path, _ in modules(*CODE)}
    return {fact.kind: [str(path) for path, text in sources.items() if fact.__name__ in _words(text)] for fact in facts}


def _words(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def functions() -> Iterator[tuple[int, str]]:
    """Yield the length of every function in lines, with its place."""
    for path, tree in modules(*CODE):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{path}:{node.name}"


def main() -> None:
    """Print the counts."""
    for drawer in DRAWERS:
        rooms = Counter(room(".".join(path.with_suffix("").parts)) for path, _ in modules(drawer))
        found = arrows(drawer)
        largest, n = rooms.most_common(1)[0]
        print(
            f"{drawer}: {sum(rooms.values())} modules in {len(rooms)} rooms, the largest {largest} with {n};", end=" "
        )
        print(f"{len(found)} arrows between them, {len(upward(found))} upward")
    places = {kind: len(files) for kind, files in places_of_facts().items()}
    worst = max(places, key=lambda kind: places[kind])
    print(
        f"facts: {len(places)}, each named in {median(places.values()):.0f} files (median), {worst} in {places[worst]}"
    )
    files = sorted(((len((ROOT / path).read_text("utf-8").splitlines()), str(path)) for path, _ in modules(*CODE)))
    print(f"longest file: {files[-1][1]} with {files[-1][0]} lines; {sum(n > 250 for n, _ in files)} above 250")
    longest = max(functions())
    print(f"longest function: {longest[1]} with {longest[0]} lines")


if __name__ == "__main__":
    main()
