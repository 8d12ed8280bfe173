"""`groundkb audit`: who did what, as JSON lines."""

from contextlib import closing
from datetime import timedelta
from typing import Annotated

import typer

from app.api.routes.audit import audit_csv, audit_line
from app.api.wire.people import Actions
from app.cli.arguments import checked
from app.cli.say import Cli
from app.library.library import open_library
from app.library.tables import now


def add_audit(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("audit.audit"))
    def audit(
        days: Annotated[int | None, typer.Option(min=1, help=say("audit.days"))] = None,
        who: Annotated[str | None, typer.Option(help=say("audit.who"))] = None,
        action: Annotated[list[str] | None, typer.Option(help=say("audit.action"))] = None,
        about: Annotated[str | None, typer.Option(help=say("audit.about"))] = None,
        csv: Annotated[bool, typer.Option("--csv", help=say("audit.csv"))] = False,
    ) -> None:
        wanted = checked(Actions, actions=tuple(action or ())).actions
        since = None if days is None else now() - timedelta(days=days)
        with closing(open_library(cli.settings)) as library:
            rows = library.audit.find(since=since, who=who, actions=wanted, about=about)
        if csv:
            cli.print_json(audit_csv(rows).rstrip("\r\n"))
            return
        for row in rows:
            cli.print_json(audit_line(row).rstrip("\n"))
