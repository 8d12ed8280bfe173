"""`groundkb shadow`: another chat model or other settings on the questions that people ask."""

import asyncio
from collections.abc import Awaitable, Callable
from shlex import quote
from typing import Annotated, Any

import typer
from rich.table import Table

from app.api.wire.shadow import IntervalBody, Promotion, ShadowIn, ShadowReportBody, ShadowStatus
from app.cli.arguments import checked
from app.cli.client import Client
from app.cli.here import open_client
from app.cli.say import Cli
from app.errors import Phrase, RequestInvalid

Call = Callable[[Client], Awaitable[ShadowStatus]]


def add_shadow(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("shadow.group"))
    app.add_typer(group, name="shadow")
    json_help = say("common.json")

    def show(call: Call, *, as_json: bool) -> None:
        cli.as_json = as_json

        async def run() -> ShadowStatus:
            async with open_client(cli.settings, cli.language) as client:
                return await call(client)

        found = asyncio.run(run())
        if as_json:
            cli.print_json(found.model_dump_json(indent=2))
        else:
            _show(cli, found)

    @group.command("start", help=say("shadow.start"))
    def start(
        chat: Annotated[str | None, typer.Option(help=say("shadow.chat"))] = None,
        change: Annotated[
            list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=say("shadow.set"))
        ] = None,
        embedding: Annotated[str | None, typer.Option(help=say("shadow.embedding"))] = None,
        share: Annotated[float, typer.Option(help=say("shadow.share"))] = 0.2,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        changes = _changes(change or ())
        if embedding is not None:
            changes["embedding_model"] = embedding
        body = checked(ShadowIn, chat=chat, settings=changes, share=share)
        show(lambda client: client.start_shadow(body), as_json=as_json)

    @group.command("stop", help=say("shadow.stop"))
    def stop(as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False) -> None:
        show(lambda client: client.stop_shadow(), as_json=as_json)

    @group.command("report", help=say("shadow.report"))
    def report(as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False) -> None:
        show(lambda client: client.shadow(), as_json=as_json)

    @group.command("promote", help=say("shadow.promote"))
    def promote(
        rollback: Annotated[bool, typer.Option("--rollback", help=say("shadow.rollback"))] = False,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        body = Promotion(rollback=rollback)
        show(lambda client: client.promote_shadow(body), as_json=as_json)


def _changes(given: list[str] | tuple[()]) -> dict[str, Any]:
    """Raises RequestInvalid."""
    pairs = [item.partition("=") for item in given]
    for name, separator, _ in pairs:
        if not separator:
            raise RequestInvalid(detail=Phrase("property_form", item=name))
    return {name.strip().lower().removeprefix("groundkb_"): value for name, _, value in pairs}


def _show(cli: Cli, found: ShadowStatus) -> None:
    test, report = found.test, found.report
    if test is None or report is None:
        cli.out.print(cli.say("shadow.none"))
        return
    changes = [f"{name}={value}" for name, value in sorted(test.tried.changes.items())]
    what = ", ".join([*([test.tried.chat] if test.tried.chat else []), *changes])
    state = cli.say(f"shadow_state.{test.state}")
    cli.out.print(cli.say("shadow.about", what=what, share=f"{test.share:.0%}", state=state))
    if found.building is not None:
        of = found.building
        cli.out.print(cli.say("shadow.building", kb=of.kb, done=of.done, total=of.total))
    if found.to_set:
        cli.out.print(cli.say("reindex.to_set"), style="bold yellow")
        for name, value in found.to_set.items():
            cli.out.print(f"  {name}={quote(value)}")
    if not report.pairs:
        cli.out.print(cli.say("shadow.no_pairs"))
        return
    _show_report(cli, report)


def _show_report(cli: Cli, report: ShadowReportBody) -> None:
    agreement = _cell(report.agreement)
    cli.out.print(cli.say("shadow.agreement", pairs=report.pairs, agreement=agreement))
    table = Table()
    for name in ("", "given", "other", "difference"):
        table.add_column(cli.say(f"shadow_column.{name}") if name else "")
    for name in ("refused", "supported", "first", "seconds"):
        row = getattr(report, name)
        table.add_row(
            cli.say(f"shadow_row.{name}"), _cell(row.given), _cell(row.other), _cell(row.difference)
        )
    cli.out.print(table)
    for pair in report.differing[:10]:
        cli.out.print(pair.question, style="bold", markup=False)
        cli.out.print(f"  {cli.say('shadow_column.given')}: {pair.given}", markup=False)
        cli.out.print(f"  {cli.say('shadow_column.other')}: {pair.other}", markup=False)


def _cell(figure: IntervalBody) -> str:
    if figure.value is None:
        return "–"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
