"""A command tree whose branches are imported when one of them is used.

What a command stands on (models, engines, the server) takes seconds to import; its name and what
it is for do not need it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from app.cli.say import Cli
from app.cli.sketches import drawn
from app.cli.usage import word_command, word_frame


@dataclass(frozen=True)
class Branch:
    """A command, or a group of commands: where `add_…(app, cli)` adds it, and what it is for."""

    module: str
    adder: str
    help_key: str


class LazyGroup(TyperGroup):
    """Lists its branches by name and help; imports the one that is resolved."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._branches: Mapping[str, Branch] = {}
        self._cli: Cli | None = None
        self._before: Callable[[], None] = lambda: None
        # A shell asks what could come next: then nothing is done, and nothing has to be imported.
        self.completing = False

    def hang(self, branches: Mapping[str, Branch], cli: Cli, before: Callable[[], None]) -> None:
        """Take the branches; `before` is called before one is imported."""
        self._branches, self._cli, self._before = branches, cli, before
        for name, branch in branches.items():
            self.commands[name] = TyperCommand(name, help=cli.say(branch.help_key))
        word_frame(cli)
        word_command(self, cli)

    def load(self, name: str) -> None:
        """Import a branch, if it is one that is not."""
        branch = self._branches.get(name)
        if branch is None or self._cli is None or type(self.commands[name]) is not TyperCommand:
            return
        if self.commands[name].callback is not None:
            return
        if self.completing:
            self.commands[name] = drawn(name)
            return
        self._before()
        app = typer.Typer(add_completion=False)
        getattr(import_module(branch.module), branch.adder)(app, self._cli)
        self.commands[name] = get_group(app).commands[name]
        word_command(self.commands[name], self._cli)

    def load_all(self) -> None:
        """Import all branches."""
        for name in self._branches:
            self.load(name)

    def resolve_command(self, ctx: Any, args: Sequence[str]) -> Any:
        if args:
            self.load(args[0])
        return super().resolve_command(ctx, list(args))
