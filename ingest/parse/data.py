"""JSON, JSON Lines, YAML, RTF and source code."""

from collections.abc import Iterator

import regex

from app.errors import DocumentCorrupt
from ingest.parse.document import Block, Builder, Content, clean
from ingest.parse.lenient_json import NotJson, read_json
from ingest.parse.records import Record, Tree, write_tree
from ingest.parse.yaml_tree import NotYaml, read_yaml

_LONGEST_YAML = 4_000_000  # characters
_DEFINITION = regex.compile(
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([\w:]+\))?"
    r"|unsafe|inline|virtual|open|data|sealed)\s+)*"
    r"(?:def|class|func|fn|function|interface|struct|enum|trait|impl|type|module|namespace|object|sub"
    r"|CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|FUNCTION|PROCEDURE))\s+(?P<name>[\w.:<>$]+)",
    regex.IGNORECASE,
)
_RTF_ROW = regex.compile(r"[^|\n]*\|[^\n]*\|[ \t]*$")


def parse_json(text: str, name: str) -> Content:
    """Objects become 'key: value' lines under headings, lists of like records become tables.

    Comments and trailing commas are read. Raises DocumentCorrupt for what is no JSON even so.
    """
    try:
        tree = read_json(text)
    except NotJson as error:
        raise DocumentCorrupt(path=name, detail=error.phrase()) from error
    builder = Builder()
    write_tree(builder, tree)
    return builder.finish()


def parse_jsonl(text: str, name: str) -> Content:
    """One record a line. A line ends in a newline only: strings may hold U+2028 and the like."""
    records: list[Tree] = []
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        if line.strip():
            try:
                records.append(read_json(line))
            except NotJson as error:
                detail = error.phrase(number - 1)
                raise DocumentCorrupt(path=name, detail=detail) from error
    builder = Builder()
    write_tree(builder, records)
    return builder.finish()


def parse_yaml(text: str) -> Content:
    """As JSON, each document of the stream a record; numbers as written, comments kept.

    What is no YAML (a template), no data (a text) or very large is kept as it is written.
    """
    if len(text) <= _LONGEST_YAML:
        try:
            documents = read_yaml(clean(text).lstrip("\ufeff"))
        except NotYaml:
            documents = []
        if any(isinstance(document, (list, Record)) for document in documents):
            builder = Builder()
            write_tree(builder, documents[0] if len(documents) == 1 else documents)
            return builder.finish()
    return parse_code(text)


def parse_code(text: str) -> Content:
    """The file as it is; a block is what stands between empty lines at the outer level.

    A block that begins a function, class or the like has its name as section.
    """
    text = clean(text).lstrip("\ufeff")
    blocks: list[Block] = []
    section: tuple[str, ...] = ()
    for start, end in _outer_blocks(text):
        found = _DEFINITION.search(text[start : min(end, start + 2_000)])
        if found:
            section = (found.group("name"),)
        blocks.append(Block(start, end, "code", section=section))
    return Content(text, tuple(blocks))


def _outer_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Spans of lines; a line that is not indented and follows an empty one begins another."""
    start, end, place, after_empty = -1, 0, 0, False
    for line in text.split("\n"):
        if line.strip():
            if start < 0:
                start = place + len(line) - len(line.lstrip())
            elif after_empty and not line[0].isspace():
                yield start, end
                start = place
            end = place + len(line.rstrip())
        after_empty = not line.strip()
        place += len(line) + 1
    if start >= 0:
        yield start, end
