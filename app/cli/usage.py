"""What Typer says of itself, in the user's language: the frame of a help, and how it was misused.

Typer has these texts in English only, most of them outside its gettext. Its sentences are known
again here by their shape; one that is not, since a later Typer words it otherwise, stays as it is.
"""

import re
from typing import Any, Final

from typer import rich_utils
from typer.exceptions import TyperException

from app.cli.say import Cli

# Key of the catalogues: what Typer says. Named parts are the parameters.
_SENTENCES: Final = {
    "no_command_near": r"No such command '(?P<name>.*)'\. Did you mean (?P<near>.*)\?",
    "no_command": r"No such command '(?P<name>.*)'\.",
    "command_missing": r"Missing command\.",
    "no_option_near": r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.*)\)",
    "no_option": r"No such option: (?P<name>\S+)",
    "missing": r"Missing (?:argument|option|parameter) (?P<name>.*?)\.(?: .*)?",
    "too_much": r"Got unexpected extra argument\(s\) \((?P<name>.*)\)",
    "takes_no_value": r"Option (?P<name>'.*') does not take a value\.",
    "needs_value": r"Option (?P<name>'.*') requires an argument\.",
    "invalid": r"Invalid value for (?P<name>.+?): (?P<detail>.*)",
}
_DETAILS: Final = {
    "no_integer": r"Input should be a valid integer\b.*",
    "no_number": r"Input should be a valid number\b.*",
    "too_small": r"Input should be greater than or equal to (?P<bound>\S+)",
    "too_large": r"Input should be less than or equal to (?P<bound>\S+)",
    "not_one_of": r"(?:Input should be |Value error, .* is not one of )(?P<allowed>'.*')\.?",
}


def word_frame(cli: Cli) -> None:
    """Have the frames of helps and errors drawn with the user's words."""
    rich_utils.ARGUMENTS_PANEL_TITLE = cli.say("usage.arguments")
    rich_utils.OPTIONS_PANEL_TITLE = cli.say("usage.options")
    rich_utils.COMMANDS_PANEL_TITLE = cli.say("usage.commands")
    rich_utils.DEFAULT_STRING = cli.say("usage.default")
    rich_utils.REQUIRED_LONG_STRING = cli.say("usage.required")


def word_command(command: Any, cli: Cli) -> None:
    """Have a command and those below it say how they are used in the user's words."""
    help_option = command.get_help_option

    def format_usage(ctx: Any, formatter: Any) -> None:
        pieces = " ".join(command.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, cli.say("usage.usage"))

    def get_help_option(ctx: Any) -> Any:
        option = help_option(ctx)
        if option is not None:
            option.help = cli.say("usage.help")
        return option

    command.format_usage, command.get_help_option = format_usage, get_help_option
    for inner in getattr(command, "commands", {}).values():
        word_command(inner, cli)


def show_misuse(error: TyperException, cli: Cli) -> None:
    """Say how the command line was misused, on standard error; without a command, what there is."""
    ctx = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        cli.err.print(error.format_message())
        return
    if ctx is not None:
        cli.err.print(ctx.get_usage())
    cli.err.print(f"✗ {_worded(error.format_message(), _SENTENCES, cli)}", style="bold red")
    if ctx is not None:
        cli.err.print("  " + cli.say("usage.try_help", command=f"{ctx.command_path} --help"))


def _worded(message: str, shapes: dict[str, str], cli: Cli) -> str:
    for key, shape in shapes.items():
        if found := re.fullmatch(shape, message, re.DOTALL):
            parts = found.groupdict()
            if "detail" in parts:
                parts["detail"] = _worded(parts["detail"], _DETAILS, cli)
            return cli.say(f"usage.{key}", **parts)
    return message
