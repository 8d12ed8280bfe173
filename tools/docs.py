"""Rewrite the generated parts of the documentation.

    python tools/docs.py           rewrite
    python tools/docs.py --check   fail if something would change

A generated part stands between `<!-- NAME: written by make docs -->` and `<!-- /NAME -->`.
"""

import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from app.cli.main import BRANCHES, build
from app.cli.say import Cli
from app.cli.sketches import sketch_of
from app.errors import Language
from app.settings import PREFIX, Settings, load_settings
from app.texts import catalogues
from ingest.parse.formats import SUPPORTED

ROOT = Path(__file__).resolve().parent.parent
PAGES: dict[str, Language] = {"README.md": "en", "README.zh.md": "zh"}
HEADS = {
    "en": ("| Variable | Default | Meaning |", "unset"),
    "zh": ("| 环境变量 | 默认值 | 含义 |", "不设"),
}

# What platformdirs gives on Linux; the real default depends on the machine.
FOLDERS = {"data": "~/.local/share/groundkb", "models": "~/.cache/groundkb/models"}


def settings_table(language: Language) -> str:
    """All settings in their order. Raises ValueError when a description is missing or left over."""
    head, unset = HEADS[language]
    meanings = _meanings(language)
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_default(name, unset)} | {_escape(meanings[name])}{_choices(field)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([head, "| --- | --- | --- |", *rows])


def _meanings(language: Language) -> dict[str, str]:
    if language == "en":
        meanings = {name: field.description for name, field in Settings.model_fields.items()}
    else:
        meanings = tomllib.loads((ROOT / "tools" / "settings_zh.toml").read_text(encoding="utf-8"))
    missing = sorted(name for name in Settings.model_fields if not meanings.get(name))
    left_over = sorted(meanings.keys() - Settings.model_fields.keys())
    if missing or left_over:
        raise ValueError(f"{language} descriptions: missing {missing}, left over {left_over}")
    return {name: str(text) for name, text in meanings.items()}


def _default(name: str, unset: str) -> str:
    default = FOLDERS.get(name, Settings.model_fields[name].default)
    return unset if default in (None, (), "") else f"`{default}`"


def _choices(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    options = [part for part in get_args(annotation) if part is not NoneType]
    if get_origin(annotation) is Literal:
        return " (" + ", ".join(f"`{option}`" for option in options) + ")"
    return ""


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def formats(language: Language) -> str:
    """The kinds of document that can be taken in."""
    if language == "en":
        return f"Formats: {SUPPORTED}."
    return f"支持的格式：{SUPPORTED.replace('source code', '源代码').replace(', ', '、')}。"


PARTS: dict[str, Callable[[Language], str]] = {"settings": settings_table, "formats": formats}


def rewritten(text: str, language: Language) -> str:
    """`text` with every generated part made anew. Raises ValueError for a part that nobody writes."""

    def replace(match: re.Match[str]) -> str:
        if match["name"] not in PARTS:
            raise ValueError(f"nothing writes the part {match['name']}")
        return f"{match['begin']}\n{PARTS[match['name']](language)}\n{match['end']}"

    pattern = (
        r"(?P<begin><!-- (?P<name>\w+): written by make docs -->)\n.*?(?P<end><!-- /(?P=name) -->)"
    )
    return re.sub(pattern, replace, text, flags=re.DOTALL)


def reasons() -> str:
    """Why an answer was refused, for the chat page: the catalogues have the words."""
    words = {name: catalogues()[name].cli for name in sorted(catalogues())}
    lines = []
    for language, texts in words.items():
        lines.append(f"  {language}: {{")
        for key, text in texts.items():
            if key.startswith("why."):
                lines.append(
                    f"    {key.removeprefix('why.')}: {json.dumps(text, ensure_ascii=False)},"
                )
        lines.append("  },")
    return "\n".join(
        [
            "// Written by `make docs` from [cli.why] of app/texts.",
            'import type { Refusal } from "../api/types";',
            "",
            "export const because = {",
            *lines,
            '} satisfies Record<string, Record<Refusal["reason"], string>>;',
            "",
        ]
    )


def sketches() -> str:
    """The commands, for completion."""
    group = build(Cli("en", load_settings()))
    group.load_all()
    drawn = {name: sketch_of(group.commands[name]) for name in sorted(BRANCHES)}
    lines = (f"{json.dumps(name)}: {json.dumps(each)}" for name, each in drawn.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str]) -> int:
    stale = []
    for name, written in {
        "frontend/src/i18n/because.ts": reasons,
        "app/cli/sketches.json": sketches,
    }.items():
        path, made = ROOT / name, written()
        if not path.exists() or path.read_text(encoding="utf-8") != made:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(made, encoding="utf-8")
    for name, language in PAGES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        new = rewritten(text, language)
        if new != text:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    for name in stale:
        print(f"{name} {'is out of date' if '--check' in arguments else 'rewritten'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
