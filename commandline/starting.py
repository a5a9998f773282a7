"""`up`: starts everything embedded in one supervised process, for a first look and for development."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from embedded.company import read_company
from embedded.plan import Plan
from embedded.preflight import check_ports, only_supervisor
from embedded.supervisor import Supervisor
from embedded.terminal import Terminal


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def _port(variable: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(envvar=f"STATUSKETTE_{variable}", min=1, max=65535, help=what)
    return option


def up(
    var: Annotated[Path, typer.Option(envvar="STATUSKETTE_VAR", help="Where everything is kept.")] = Path("var"),
    web_port: Annotated[int, _port("WEB_PORT", "The office.")] = 8000,
    temporal_port: Annotated[int, _port("TEMPORAL_PORT", "The Temporal server.")] = 7233,
    ui_port: Annotated[int, _port("UI_PORT", "The Temporal UI.")] = 8233,
    smtp_port: Annotated[int, _port("SMTP_PORT", "The mail server that catches.")] = 1025,
    mail_port: Annotated[int, _port("MAIL_PORT", "The page with the caught mails.")] = 8025,
    demo: Annotated[bool, typer.Option(envvar="STATUSKETTE_DEMO", help="Seed the demo company once.")] = True,
) -> int:
    """Start everything embedded, and stay in the foreground until Ctrl-C."""
    var = var.resolve()
    with only_supervisor(var):
        plan = Plan(var, web_port, temporal_port, ui_port, smtp_port, mail_port, demo)
        check_ports(plan.ports)
        (var / "log").mkdir(exist_ok=True)
        return asyncio.run(_supervise(plan))


async def _supervise(plan: Plan) -> int:
    return await Supervisor(plan, Terminal(), read_company()).run()
