"""What groundkb says to people: one catalogue (`en.toml`, `zh.toml`) for each language.

Codes and parameters travel and are kept; here they become words, at the edge, in the reader's
language. A further language is a further file, named by its tag: `de.toml`, `zh-hant.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from app.errors import GroundkbError, Param, Phrase, RemoteError, plain

# For logs, and for whoever reads none of the languages that there are.
FALLBACK: Final = "en"
_FOLDER: Final = files(__name__)
_OF_ANOTHER_VERSION: Final = "of_another_version"


@dataclass(frozen=True)
class Told:
    """What happened, one sentence; and what to do about it, empty when there is nothing."""

    message: str
    hint: str


@dataclass(frozen=True)
class Catalogue:
    """Templates of `str.format`: of errors by their code, of phrases by their key."""

    errors: Mapping[str, Told]
    phrases: Mapping[str, str]
    cli: Mapping[str, str]  # the command line's own, by 'module.key'
    separator: str  # between the items of a list


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """All catalogues, by language."""
    return {
        file.name.removesuffix(".toml"): _catalogue(file.read_text(encoding="utf-8"))
        for file in _FOLDER.iterdir()
        if file.name.endswith(".toml")
    }


def language_of(tag: str) -> str | None:
    """The language with a catalogue that a tag ('zh-CN', 'zh_CN.UTF-8') names; None: there is none."""
    whole = tag.strip().partition(".")[0].replace("_", "-").lower()
    known = catalogues()
    return next((name for name in (whole, whole.partition("-")[0]) if name in known), None)


def _catalogue(text: str) -> Catalogue:
    read = tomllib.loads(text)
    errors = {code: Told(**texts) for code, texts in read["error"].items()}
    cli = {
        f"{module}.{key}": text for module, of in read["cli"].items() for key, text in of.items()
    }
    return Catalogue(errors, read["phrase"], cli, read["separator"])


def told(error: GroundkbError, language: str) -> Told:
    """An error in the reader's language."""
    if isinstance(error, RemoteError):
        return Told(error.message, error.hint)
    return told_of(error.code, error.params, language)


def told_of(code: str, params: Mapping[str, Any], language: str) -> Told:
    """An error that was kept as its `data()`. One that another version kept, and of which this
    one does not know the code or all parameters, is told by its code and what it was kept with."""
    catalogue = catalogues()[language]
    texts = catalogue.errors.get(code)
    if texts is not None:
        try:
            return Told(
                _filled(texts.message, params, language), _filled(texts.hint, params, language)
            )
        except (KeyError, ValueError):
            pass
    detail = "; ".join(_worded(value, language) for value in params.values())
    return told_of(_OF_ANOTHER_VERSION, {"code": code, "detail": detail}, language)


def say(phrase: Phrase | str, language: str) -> str:
    """A phrase in the reader's language; a text that has no other language as it is."""
    return _worded(phrase.data() if isinstance(phrase, Phrase) else phrase, language)


def text(key: str, language: str, **params: Param) -> str:
    """A text of the command line, 'module.key', in the reader's language."""
    return _filled(
        catalogues()[language].cli[key],
        {name: plain(value) for name, value in params.items()},
        language,
    )


def _worded(value: Any, language: str) -> str:
    catalogue = catalogues()[language]
    match value:
        case {"code": str(code), "params": Mapping() as params}:
            template = catalogue.phrases.get(code)
            if template is None:  # an error stands as the reason within another message
                return told_of(code, params, language).message
            return _filled(template, params, language)
        case list() | tuple():
            return catalogue.separator.join(_worded(item, language) for item in value)
    return str(value)


def _filled(template: str, params: Mapping[str, Any], language: str) -> str:
    return template.format(
        **{
            name: value if isinstance(value, int | float) else _worded(value, language)
            for name, value in params.items()
        }
    )
