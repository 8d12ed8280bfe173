"""Commands as completion needs them: their names and options, without what they import.

`sketches.json` is made from the commands by `make docs`, and a test compares the two.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, Final, Literal

import typer
from typer.core import TyperGroup
from typer.main import get_command

NAME: Final = "sketches.json"
Sketch = Mapping[str, Any]


def sketch_of(command: Any) -> Sketch:
    """A command, or a group with its commands, as plain JSON values."""
    inner = getattr(command, "commands", None)
    if inner is not None:
        return {"commands": {name: sketch_of(each) for name, each in inner.items()}}
    return {"params": [_param_of(param) for param in command.params]}


def _param_of(param: Any) -> list[Any]:
    """[names, what it takes, whether it may be given often]; an argument's name has no dashes."""
    described = param.type_descriptor
    takes: str | list[str] = "value"
    if getattr(param, "is_flag", False):
        takes = "flag"
    elif described.is_choice and described.choices is not None:
        takes = [str(getattr(choice, "value", choice)) for choice in described.choices]
    elif described.is_file or described.annotation is Path:
        takes = "path"
    many = param.nargs == -1 or bool(param.multiple)
    return [[*param.opts, *getattr(param, "secondary_opts", ())], takes, many]


def drawn(name: str) -> Any:
    """The command of that name, which completes as the real one and does nothing. Raises KeyError."""
    text = files("app.cli").joinpath(NAME).read_text(encoding="utf-8")
    return _draw(name, json.loads(text)[name])


def _draw(name: str, sketch: Sketch) -> Any:
    app = typer.Typer(add_completion=False)
    if "commands" in sketch:
        app.callback()(lambda: None)
        group = get_command(app)
        assert isinstance(group, TyperGroup)  # noqa: S101  a callback makes it one
        group.commands = {each: _draw(each, inner) for each, inner in sketch["commands"].items()}
        group.name = name
        return group
    app.command(name)(_function(sketch["params"]))
    return get_command(app)


def _function(params: list[Any]) -> Any:
    """A function whose signature Typer reads these parameters from."""

    def nothing(**_: Any) -> None:
        pass

    found = []
    for number, (names, takes, many) in enumerate(params):
        kind: Any = (
            {"flag": bool, "value": str, "path": Path}.get(takes)
            if isinstance(takes, str)
            else Literal[tuple(takes)]
        )
        kind = list[kind] if many else kind
        is_option = names[0].startswith("-")
        default = typer.Option(None, *names) if is_option else typer.Argument(None)
        name = f"p{number}" if is_option else names[0]
        found.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind))
    nothing.__signature__ = Signature(found)  # type: ignore[attr-defined]
    nothing.__annotations__ = {each.name: each.annotation for each in found}
    return nothing
