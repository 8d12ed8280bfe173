"""`groundkb models`: which there are, which suit this machine, and bringing them onto it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from app import texts
from app.cli.arguments import checked
from app.cli.model_facts import add_show, model_row
from app.cli.say import Cli
from app.cli.trying import add_try
from app.errors import Language
from app.library.languages import languages_here
from app.models import progress
from app.models.advise import Advice, Proposal, Use, Wanted, advise, unconfirmed
from app.models.known import ChatFacts, EncoderFacts, Role, known
from app.models.machine import Machine, described, this_machine
from app.models.ollama import pull_model
from app.models.weights import pull_all, pull_gguf


class _Asked(BaseModel):
    language: tuple[Language, ...]


def add_models(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("models.group"))
    app.add_typer(group, name="models")

    @group.command("list", help=say("models.list"))
    def list_models(
        role: Annotated[Role, typer.Option(help=say("models.role"))] = "chat",
        window: Annotated[int, typer.Option(min=512, help=say("models.window"))] = 8_192,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        by_role: dict[Role, tuple[ChatFacts | EncoderFacts, ...]] = {
            "chat": known().chat,
            "embedding": known().embedding,
            "reranking": known().reranking,
        }
        chosen = by_role[role]
        if as_json:
            rows = [model_row(model, window) for model in chosen]
            cli.print_value({"as_of": known().as_of, "models": rows})
            return
        for model in chosen:
            row = model_row(model, window)
            names = "  ".join(str(row[key]) for key in ("ollama", "hub") if row.get(key))
            cli.out.print(
                f"{model.name:32} {model.parameters:>7}B  {row['memory_gb']:>6} GB  "
                f"{'/'.join(model.languages):5}  {model.licence.name}  {names}"
            )
            if doubt := unconfirmed(model):
                said = say("models.warning", warning=texts.say(doubt, cli.language))
                cli.out.print(said, style="dim")
        cli.out.print(say("models.facts", as_of=known().as_of), style="dim")

    @group.command("advise", help=say("models.advise"))
    def advice(
        machine: Annotated[str | None, typer.Option(help=say("models.machine"))] = None,
        language: Annotated[list[str] | None, typer.Option(help=say("models.language"))] = None,
        window: Annotated[int, typer.Option(min=512, help=say("models.window"))] = 8_192,
        use: Annotated[Use, typer.Option(help=say("models.use"))] = "commercial",
        speed: Annotated[float, typer.Option(min=0, help=say("models.speed"))] = 5.0,
        rejected: Annotated[bool, typer.Option("--rejected", help=say("models.rejected"))] = False,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        looked_at = described(machine) if machine else this_machine()
        asked = checked(_Asked, language=tuple(language or ())).language
        of_documents = () if asked else languages_here(cli.settings)
        languages = asked or of_documents or Wanted.languages
        found = advise(known(), looked_at, Wanted(languages, window, use, speed))
        if as_json:
            told = {"languages": list(languages), "of_documents": bool(of_documents)}
            cli.print_value(told | _advice_json(cli, looked_at, found))
            return
        if of_documents:
            cli.out.print(say("models.documents", languages=list(of_documents)))
        _show_advice(cli, looked_at, found, rejected=rejected)

    @group.command(
        name="pull",
        help=say("models.pull"),
    )
    def pull(
        name: Annotated[str | None, typer.Argument(help=say("models.name"))] = None,
        gguf: Annotated[str | None, typer.Option(help=say("models.gguf"))] = None,
        quiet: Annotated[bool, typer.Option("--quiet", help=say("models.quiet"))] = False,
    ) -> None:
        if name is not None and gguf is not None:
            with _bars(cli, quiet=quiet) as on_progress:
                path = pull_gguf(cli.settings, name, gguf, on_progress)
            cli.out.print(say("models.pulled_gguf", path=path, name=path.name))
            return
        if name is not None:
            url = cli.settings.ollama_url
            with _bars(cli, quiet=quiet) as on_progress:
                pull_model(url, name, on_progress)
            cli.out.print(say("models.pulled", model=name, url=url))
            return
        with _bars(cli, quiet=quiet) as on_progress:
            pulled = pull_all(cli.settings, on_progress)
        for item in pulled:
            size = f"{item.size / 1e6:.0f} MB"
            cli.out.print(f"✓ {item.role}: {item.model} · {size} · {item.origin}\n  {item.path}")
            for reason in item.passed_over:
                cli.out.print(say("models.passed_over", reason=reason.data()), style="dim")

    add_show(group, cli)
    add_try(group, cli)


@contextmanager
def _bars(cli: Cli, *, quiet: bool) -> Iterator[Callable[[progress.Progress], None]]:
    """A bar for each file that is told of."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=cli.err,
        disable=quiet,
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def on_progress(event: progress.Progress) -> None:
            if event.file not in tasks:
                tasks[event.file] = bars.add_task(event.file)
            bars.update(tasks[event.file], completed=event.done, total=event.total or None)

        yield on_progress


def _show_advice(cli: Cli, machine: Machine, found: Advice, *, rejected: bool) -> None:
    gpus = "".join(cli.say("models.gpu", memory=size / 1e9) for size in machine.gpu_bytes)
    if machine.metal:
        gpus += cli.say("models.metal")
    ram = machine.ram_bytes / 1e9
    cli.out.print(cli.say("models.this", ram=ram, cores=machine.cores, gpus=gpus))
    for proposal in found.proposals:
        cli.out.print(f"\n{proposal.role}: {proposal.name}", style="bold")
        for reason in proposal.reasons:
            cli.out.print(f"  {texts.say(reason, cli.language)}")
        for warning in proposal.warnings:
            said = cli.say("models.warning", warning=texts.say(warning, cli.language))
            cli.out.print(said, style="yellow")
        cli.out.print(f"  $ {proposal.command}")
    if not any(proposal.role == "chat" for proposal in found.proposals):
        cli.out.print("\n" + cli.say("models.none_fits"), style="yellow")
    if rejected:
        cli.out.print()
        for item in found.passed:
            why = texts.say(item.why, cli.language)
            cli.out.print(cli.say("models.passed", name=item.name, why=why), style="dim")
    cli.out.print("\n" + cli.say("models.facts", as_of=known().as_of), style="dim")


def _advice_json(cli: Cli, machine: Machine, found: Advice) -> dict[str, object]:
    def plain(proposal: Proposal) -> dict[str, object]:
        return {
            **vars(proposal),
            "reasons": [texts.say(reason, cli.language) for reason in proposal.reasons],
            "warnings": [texts.say(warning, cli.language) for warning in proposal.warnings],
        }

    return {
        "as_of": known().as_of,
        "machine": vars(machine),
        "proposals": [plain(proposal) for proposal in found.proposals],
        "passed": [
            {"name": item.name, "why": texts.say(item.why, cli.language)} for item in found.passed
        ],
    }
