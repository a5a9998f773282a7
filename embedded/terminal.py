"""What the person who typed `make up` reads: what starts, how long it took, where to look, how to sign in."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from embedded.company import Person
from embedded.constants import COMPANY_ADDRESS
from embedded.plan import Plan


class Terminal:
    """Prints to standard output, in colour where there is one."""

    def __init__(self) -> None:
        """Open the console; every line is out before the next thing happens."""
        self._console = Console(highlight=False, soft_wrap=True)

    def says(self, line: str) -> None:
        """Print a line."""
        self._console.print(Text(line))

    def started(self, what: str, seconds: float) -> None:
        """Say that something is ready."""
        self._console.print(Text.assemble(("✓ ", "green"), f"{what:<34}", (f"{seconds:5.1f} s", "dim")))

    def welcomes(self, plan: Plan, people: Sequence[Person], password: str, seconds: float) -> None:
        """Print where everything is, and who can sign in."""
        self.says(f"\nReady after {seconds:.1f} s. Everything is kept in {plan.var}; Ctrl-C stops.\n")
        self._lines(
            (plan.web_url, "the office: tickets, lists, forms"),
            (plan.mail_url, f"caught mails (SMTP on port {plan.smtp_port})"),
            *([(COMPANY_ADDRESS, "write there by that SMTP port, and see a ticket appear")] if plan.demo else []),
            (plan.ui_url, f"Temporal: every ticket's workflow (server on port {plan.temporal_port})"),
        )
        if people:
            self.says(f"\nSign in with the password {password} as")
            self._lines(*((person.short, f"{person.name}, {person.title}") for person in people))

    def _lines(self, *rows: tuple[str, str]) -> None:
        width = max(len(name) for name, _ in rows)
        for name, what in rows:
            self._console.print(Text.assemble("  ", (f"{name:<{width}}", "bold"), "  ", what))
