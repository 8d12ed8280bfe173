"""`groundkb doctor`: how everything is, and what to do about what is not well."""

import asyncio
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from app.cli.checks import Finding, findings, of_error, versions
from app.cli.say import DONE, FAILED, Cli
from app.errors import Phrase, SettingsInvalid
from app.settings import Settings

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}


def add_doctor(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("doctor.doctor"))
    def doctor(
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        found = asyncio.run(_examine(cli, show=not as_json))
        failed = any(finding.severity == "fail" for finding in found)
        settings = cli.loaded
        if as_json:
            value = {
                "ok": not failed,
                "checks": [_as_json(cli, finding) for finding in found],
                "settings": redacted(settings) if isinstance(settings, Settings) else None,
            }
            cli.print_value(value)
        elif isinstance(settings, Settings):
            cli.out.print(say("doctor.settings"), style="bold")
            for name, value in redacted(settings).items():
                cli.out.print(f"  {name} = {value}", style="dim")
        raise typer.Exit(FAILED if failed else DONE)


async def _examine(cli: Cli, *, show: bool) -> list[Finding]:
    found: list[Finding] = []

    def note(finding: Finding) -> None:
        found.append(finding)
        if show:
            _show(cli, finding)

    note(versions())
    if isinstance(cli.loaded, SettingsInvalid):
        note(of_error("settings", cli.loaded))
        return found
    note(Finding("settings", "ok", Phrase("check_settings_valid")))
    async for finding in findings(cli.loaded, cli.language):
        note(finding)
    return found


def _show(cli: Cli, finding: Finding) -> None:
    mark, style = MARKS[finding.severity]
    told = finding.told(cli.language)
    cli.out.print(f"{mark} {finding.name}: {told.message}", style=style)
    if told.hint:
        cli.out.print(f"  → {told.hint}")


def _as_json(cli: Cli, finding: Finding) -> dict[str, str]:
    told = finding.told(cli.language)
    return {
        "name": finding.name,
        "severity": finding.severity,
        "message": told.message,
        "remedy": told.hint,
    }


def redacted(settings: Settings) -> dict[str, Any]:
    """All settings as JSON values. Secrets, and passwords inside URLs, are stars."""
    return {name: _plain(getattr(settings, name)) for name in type(settings).model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str) and "://" in value:
        scheme, _, rest = value.partition("://")
        _, at, host = rest.rpartition("@")
        return f"{scheme}://***@{host}" if at else value
    return value if isinstance(value, bool | int | float | str | None) else str(value)
