"""JSON as people write it: comments, trailing commas, single quotes, bare words, several values.

`json` of the standard library reads what is strictly JSON, and faster; this is for the rest.
"""

import json
from dataclasses import dataclass

import regex

from app.errors import Phrase
from ingest.parse.records import COMMENT, Field, Record, Tree, put_beside

_TOKEN = regex.compile(
    r"""[ \t\r\n\f\u00a0\ufeff\u2028\u2029]*+(?:
      (?P<string>"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')
    | (?P<comment>//[^\n]*|\#[^\n]*|/\*(?:[^*]|\*(?!/))*+\*/)
    | (?P<mark>[{}\[\],:])
    | (?P<word>[^\s{}\[\],:"']+)
    | (?P<end>\Z)
    )""",
    regex.VERBOSE | regex.DOTALL,
)
_ESCAPE = regex.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", regex.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_WORDS: dict[str, Tree] = {"true": True, "false": False, "null": None}
_DEEPEST = 500


class NotJson(Exception):
    """The text is not JSON even so."""

    def __init__(self, line: int, problem: Phrase) -> None:
        self.line, self.problem = line, problem
        super().__init__(str(self.phrase()))

    def phrase(self, before: int = 0) -> Phrase:
        """Where and what, when `before` lines stand before the text."""
        return Phrase("json_line", number=before + self.line, problem=self.problem)


@dataclass(slots=True)
class _Open:
    """A list or record whose end has not come; `key`: the field whose value is awaited."""

    tree: list[Tree] | Record
    key: str | None = None


def read_json(text: str) -> Tree:
    """The value of a JSON text, numbers as written; several values one after the other are a
    list. Strict JSON is read first, so that what is valid means what the standard says.

    Raises NotJson, and RecursionError for hundreds of levels.
    """
    text = text.lstrip("\ufeff")
    try:
        tree: Tree = json.loads(
            text,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=lambda pairs: Record([Field(key, value) for key, value in pairs]),
        )
    except json.JSONDecodeError:
        return _Reader(text).read()
    return tree


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Open] = []
        self._roots: list[Tree] = []
        self._comments: list[str] = []  # that wait for the field they stand above
        self._after = -1  # where the last scalar ended, to tell a comment beside it

    def read(self) -> Tree:
        position = 0
        while True:
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise self._error(position, Phrase("json_open_string"))
            start, position = match.start(match.lastgroup or 0), match.end()
            kind, token = match.lastgroup, match.group(match.lastgroup or 0)
            if kind == "end":
                break
            if kind == "comment":
                self._comment(token, start)
            elif kind == "mark":
                self._mark(token, start)
            elif kind == "string":
                self._scalar(_unquoted(token), start, position)
            else:
                self._scalar(_WORDS.get(token, token), start, position)
        if self._open:
            raise self._error(len(self._text), Phrase("json_early_end"))
        if not self._roots:
            raise self._error(len(self._text), Phrase("json_no_value"))
        if self._comments:
            self._roots.append("# " + " ".join(self._comments))
        return self._roots[0] if len(self._roots) == 1 else self._roots

    def _mark(self, mark: str, place: int) -> None:
        here = self._open[-1] if self._open else None
        if mark in "{[":
            if len(self._open) >= _DEEPEST:
                raise self._error(place, Phrase("json_levels", limit=_DEEPEST))
            tree: list[Tree] | Record = Record() if mark == "{" else []
            self._put(tree, place)
            self._open.append(_Open(tree))
        elif here is None:
            if mark != ",":
                raise self._unexpected(mark, place)
        elif mark in "}]":
            if (mark == "}") != isinstance(here.tree, Record) or here.key is not None:
                raise self._unexpected(mark, place)
            self._take_comments()
            self._open.pop()
        elif mark == ":" and not (isinstance(here.tree, Record) and here.key is not None):
            raise self._unexpected(mark, place)

    def _scalar(self, value: Tree, start: int, end: int) -> None:
        here = self._open[-1] if self._open else None
        if here is not None and isinstance(here.tree, Record) and here.key is None:
            self._take_comments()
            here.key = value if isinstance(value, str) else json.dumps(value)
            if not self._text[end : end + 200].lstrip().startswith((":", "/", "#")):
                raise self._unexpected(self._text[start:end][:40], start)
            return
        self._put(value, start)
        self._after = end

    def _put(self, value: Tree, place: int) -> None:
        if not self._open:
            if isinstance(value, str) and place and self._text[place] not in "\"'":
                raise self._unexpected(value[:40], place)  # words after a value: no JSON at all
            self._roots.append(value)
            return
        here = self._open[-1]
        if isinstance(here.tree, Record):
            if here.key is None:
                raise self._unexpected(self._text[place], place)
            here.tree.fields.append(Field(here.key, value))
            here.key = None
        else:
            here.tree.append(value)

    def _comment(self, token: str, start: int) -> None:
        words = token[2:-2] if token.startswith("/*") else token.lstrip("/#")
        words = " ".join(line.strip(" \t*") for line in words.splitlines()).strip()
        beside = self._after >= 0 and "\n" not in self._text[self._after : start]
        if words and beside and self._open and put_beside(self._open[-1].tree, words):
            return
        if words:
            self._comments.append(words)

    def _take_comments(self) -> None:
        tree = self._open[-1].tree
        if self._comments and isinstance(tree, Record):
            tree.fields.append(Field(COMMENT, " ".join(self._comments)))
            self._comments = []

    def _unexpected(self, token: str, place: int) -> NotJson:
        return self._error(place, Phrase("json_unexpected", token=token))

    def _error(self, place: int, problem: Phrase) -> NotJson:
        return NotJson(self._text.count("\n", 0, place) + 1, problem)


def _unquoted(token: str) -> str:
    if token.startswith('"'):
        try:
            found: str = json.loads(token, strict=False)
        except json.JSONDecodeError:
            pass
        else:
            return found
    return _ESCAPE.sub(_escaped, token[1:-1])


def _escaped(match: regex.Match[str]) -> str:
    escape = match.group(1)
    if escape[0] in "ux" and len(escape) > 1:
        return chr(int(escape[1:], 16))
    return "" if escape.endswith("\n") else _SIMPLE.get(escape, escape)
