"""The catalogues say all there is to be said, in every language, and nothing else."""

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from app.cli import usage
from app.errors import GroundkbError, Language, RemoteError, kinds
from app.settings import known_variables
from app.texts import FALLBACK, catalogues

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(catalogues())
# What texts says itself of a code that it does not know.
OWN_CODES = {"of_another_version": {"code", "detail"}}


def parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def errors() -> dict[str, set[str]]:
    """Every code and the parameters of its class."""
    return {
        kind.code: {field.name for field in fields(kind)}  # type: ignore[arg-type]
        for kind in kinds()
        if kind is not RemoteError
    }


def phrases() -> Iterator[tuple[str, str, set[str]]]:
    """Every `Phrase("key", name=…)` of the code: where, the key, the names."""
    for package in ("app", "ingest"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Phrase"):
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    assert len(node.args) == 1, f"{where}: parameters are named"
                    key = node.args[0]
                    assert isinstance(key, ast.Constant), f"{where}: the key stands there itself"
                    yield where, str(key.value), {str(word.arg) for word in node.keywords}


def test_whoever_can_be_answered_can_be_told() -> None:
    assert set(LANGUAGES) >= {*get_args(Language), FALLBACK}


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes)) > 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_its_text_and_every_text_its_error(language: str) -> None:
    wanted = errors() | OWN_CODES
    texts = catalogues()[language].errors
    assert set(texts) == set(wanted)
    for code, told in texts.items():
        assert told.message.strip(), code
        assert told.hint.strip(), code
        named = parameters(told.message) | parameters(told.hint)
        assert named == wanted[code], code


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_its_text_and_every_text_is_used(language: str) -> None:
    texts = catalogues()[language].phrases
    used = set()
    for where, key, names in phrases():
        assert key in texts, where
        assert parameters(texts[key]) == names, where
        used.add(key)
    assert used == set(texts)


def cli_texts() -> Iterator[tuple[str, re.Pattern[str], set[str]]]:
    """Every `say("module.key", name=…)` of the command line: where, the key (of an f-string, what
    it may become), the names."""
    for path in sorted((ROOT / "app" / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("say", "cli.say", "text"):
                if len(node.args) != 1 and ast.unparse(node.func) != "text":
                    continue  # app.texts.say, of a phrase
                match node.args[0]:
                    case ast.Constant(value=str(key)):
                        pattern = re.escape(key)
                    case ast.JoinedStr(values=parts):
                        pattern = "".join(
                            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                            for part in parts
                        )
                    case _:
                        continue
                if node.keywords and node.keywords[0].arg is None:
                    continue  # of Typer's sentences, see `misuses`
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield where, re.compile(pattern), {str(word.arg) for word in node.keywords}


def evaluation_texts() -> Iterator[str]:
    """The helps of `groundkb eval`, which stand there by their keys."""
    for node in ast.walk(ast.parse((ROOT / "app/evaluation/cli.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "help":
            assert isinstance(node.value, ast.Constant)
            yield str(node.value.value)


def misuses() -> dict[str, set[str]]:
    """The keys of Typer's sentences, and their parts."""
    shapes = usage._SENTENCES | usage._DETAILS
    return {f"usage.{key}": set(re.compile(shape).groupindex) for key, shape in shapes.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_command_line_is_there_and_used(language: str) -> None:
    texts = catalogues()[language].cli
    used = set()
    for where, pattern, names in cli_texts():
        found = {key for key in texts if pattern.fullmatch(key)}
        assert found, where
        for key in found:
            assert parameters(texts[key]) == names, where
        used |= found
    for key, names in (misuses() | {key: set() for key in evaluation_texts()}).items():
        assert parameters(texts[key]) == names, key
        used.add(key)
    assert used == set(texts)


def test_phrases_are_no_errors() -> None:
    """Either may stand as the reason within a message, by its code alone."""
    assert not set(errors()) & {key for _, key, _ in phrases()}


def test_no_parameter_hides_what_the_class_says_of_its_kind() -> None:
    reserved = {name for name in vars(GroundkbError) if not name.startswith("_")} | {"code"}
    for code, names in errors().items():
        assert not names & reserved, code


# What stands in messages as it is, in every language: names of fields, of providers, of Ray.
NAMES = {"path", "local", "ollama", "openai"}
WORD = re.compile(r"(?<![\w.`/=<-])[a-z]{2,}(?![\w/=>-]|\.\w)")
COMMAND = re.compile("`[^`]*(`|$)")


def literals(value: ast.AST) -> Iterator[str]:
    """The texts that may become the value: neither keys of a mapping nor those of a phrase."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Call() if ast.unparse(value.func).endswith("Phrase"):
            for word in value.keywords:
                yield from literals(word.value)
        case ast.Subscript():
            yield from literals(value.value)
        case ast.Dict():
            for item in value.values:
                yield from literals(item)
        case _:
            for child in ast.iter_child_nodes(value):
                yield from literals(child)


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """Every text of one language among the parameters of errors and phrases, set there or in a
    variable of the same function: the line, the text."""
    raised = {kind.__name__ for kind in kinds()} | {"Phrase"}
    tree = ast.parse(source)
    scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for scope in [*scopes, tree]:
        inner = list(ast.walk(scope))
        assigned: dict[str, list[ast.expr]] = {}
        for node in inner:
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and isinstance(node.value, ast.Constant | ast.JoinedStr | ast.IfExp)
            ):
                assigned.setdefault(node.targets[0].id, []).append(node.value)
        for node in inner:
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in raised:
                for word in node.keywords:
                    values = [word.value]
                    if isinstance(word.value, ast.Name) and scope is not tree:
                        values += assigned.get(word.value.id, [])
                    for value in values:
                        for text in literals(value):
                            if text not in NAMES and WORD.search(COMMAND.sub("", text)):
                                yield node.lineno, text


@pytest.mark.parametrize("package", ["app", "ingest"])
def test_no_parameter_is_a_sentence_of_one_language(package: str) -> None:
    found = {
        (f"{path.relative_to(ROOT)}:{line}", text)
        for path in (ROOT / package).rglob("*.py")
        for line, text in sentences(path.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        'raise errors.RequestInvalid(detail="a text is empty")',
        'raise RequestInvalid(detail=f"{path} holds no questions")',
        'raise RequestInvalid(detail="unknown: " + ", ".join(names))',
        'raise RequestInvalid(detail=Phrase("field_said", field="x", said="is wrong"))',
        'def f():\n    detail = f"{path} is broken"\n    raise RequestInvalid(detail=detail)',
    ],
)
def test_a_sentence_is_seen_wherever_it_stands(source: str) -> None:
    assert list(sentences(source))


@pytest.mark.parametrize("language", LANGUAGES)
def test_settings_are_named_as_they_are_set(language: str) -> None:
    """Without their prefix they mean nothing, and one that there is none of helps nobody."""
    catalogue = catalogues()[language]
    said = [text for told in catalogue.errors.values() for text in (told.message, told.hint)]
    for text in (*said, *catalogue.phrases.values(), *catalogue.cli.values()):
        for name in re.findall(r"(?<![A-Za-z_])[A-Z]+(?:_[A-Z]+)+", text):
            assert name in known_variables() or f"GROUNDKB_{name}" not in known_variables(), text
            assert name in known_variables() or not name.startswith("GROUNDKB_"), text
