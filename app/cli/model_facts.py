"""`groundkb models show`: all that is known of one model, and which of its sizes fit."""

from typing import Annotated

import typer

from app import texts
from app.cli.say import Cli
from app.errors import ModelNotKnown
from app.models.advise import fact_group, unconfirmed
from app.models.known import ChatFacts, EncoderFacts, find_model
from app.models.machine import Machine, described, this_machine


def add_show(group: typer.Typer, cli: Cli) -> None:
    """Add the command to `groundkb models`."""
    say = cli.say

    @group.command("show", help=say("facts.show"))
    def show(
        name: Annotated[str, typer.Argument(help=say("facts.name"))],
        machine: Annotated[str | None, typer.Option(help=say("models.machine"))] = None,
        window: Annotated[int, typer.Option(min=512, help=say("models.window"))] = 8_192,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        cli.as_json = as_json
        model = find_model(name)
        if model is None:
            raise ModelNotKnown(model=name)
        looked_at = described(machine) if machine else this_machine()
        if as_json:
            cli.print_value(model_row(model, window) | {"fits": _fits(model, looked_at, window)})
            return
        _show(cli, model, looked_at, window)


def model_row(model: ChatFacts | EncoderFacts, window: int) -> dict[str, object]:
    """What is known of a model, as JSON: `memory_gb` of the size that is fetched unless another is named."""
    row: dict[str, object] = {
        "name": model.name,
        "parameters": model.parameters,
        "context": model.context,
        "languages": list(model.languages),
        "licence": model.licence.name,
        "commercial": model.licence.commercial,
        "hub": model.hub,
        "modelscope": model.modelscope,
        "released": model.released,
        "sources": {group: vars(source) for group, source in model.sources},
        "unconfirmed": list(model.unconfirmed),
    }
    if isinstance(model, EncoderFacts):
        return {**row, "size": "fp32", "memory_gb": round(model.memory() / 1e9, 1)}
    needed = {size: _gb(bytes_) for size, bytes_ in _sizes(model, window).items()}
    return {
        **row,
        "size": model.default_size,
        "memory_gb": needed[model.default_size],
        "sizes_gb": needed,
        "ollama": model.ollama,
    }


def _sizes(model: ChatFacts | EncoderFacts, window: int) -> dict[str, float]:
    """Bytes with the cache of the window, the largest first."""
    if isinstance(model, EncoderFacts):
        return {"fp32": model.memory(), "bf16": model.memory(2)}
    found = {size: model.memory(size, window) for size in model.all_sizes}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _fits(model: ChatFacts | EncoderFacts, machine: Machine, window: int) -> list[str]:
    return [size for size, needed in _sizes(model, window).items() if needed <= machine.room]


def _show(cli: Cli, model: ChatFacts | EncoderFacts, machine: Machine, window: int) -> None:
    say, out = cli.say, cli.out
    active = ""
    if isinstance(model, ChatFacts) and model.active:
        active = say("facts.active", active=model.active)
    out.print(f"{model.name}  {model.parameters}B{active}  {model.released}", style="bold")
    out.print(say("facts.context", context=model.context, languages=list(model.languages)))
    licence = model.licence
    out.print(f"{licence.name}: {licence.zh if cli.language == 'zh' else licence.en} {licence.url}")
    ollama = model.ollama if isinstance(model, ChatFacts) else None
    names = (("Ollama", ollama), ("Hugging Face", model.hub), ("ModelScope", model.modelscope))
    for place, name in names:
        if name:
            out.print(f"  {place}: {name}")
    out.print(say("facts.sizes", window=window, room=machine.room / 1e9))
    fits = _fits(model, machine, window)
    for size, needed in _sizes(model, window).items():
        told = say("facts.fits") if size in fits else say("facts.too_large")
        out.print(f"  {size:7} {_gb(needed):>7} GB  {told}", style="" if size in fits else "dim")
    if doubt := unconfirmed(model):
        said = say("models.warning", warning=texts.say(doubt, cli.language))
        out.print(said, style="yellow")
    for group, source in model.sources:
        about = texts.say(fact_group(group), cli.language)
        version = f" {source.version}" if source.version else ""
        quoted = say("facts.quoted") if source.quoted else ""
        out.print(f"  {about}: {source.address}{version}, {source.read}{quoted}", style="dim")


def _gb(needed: float) -> float:
    return round(needed / 1e9, 1)
