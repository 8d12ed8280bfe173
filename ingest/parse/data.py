"""JSON, JSON Lines, YAML, RTF and source code."""

from collections.abc import Iterator, Sequence

import regex

from app.errors import DocumentCorrupt
from ingest.parse.document import Block, Builder, Content, clean
from ingest.parse.lenient_json import NotJson, read_json
from ingest.parse.records import Record, Tree, write_tree
from ingest.parse.yaml_tree import NotYaml, read_yaml

_MOST_SPANS = 20
_LONGEST_TITLE = 200  # characters
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
    return builder.finish(title=_called(tree))


def _called(tree: Tree) -> str:
    """What a record says that it is called."""
    if isinstance(tree, Record):
        for name in ("title", "name", "标题", "名称"):
            for entry in tree.fields:
                if entry.key.lower() == name and isinstance(entry.value, str):
                    return entry.value if len(entry.value) <= _LONGEST_TITLE else ""
    return ""


def parse_jsonl(text: str, name: str) -> Content:
    """One record a line. A line ends in a newline only: strings may hold U+2028 and the like.

    Broken lines are kept as they are, behind the records, and noted by their numbers. Raises
    DocumentCorrupt where no line holds a record and the whole is no JSON either.
    """
    text = text.lstrip("\ufeff")
    records: list[Tree] = []
    broken: list[int] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                records.append(read_json(line))
            except NotJson:
                broken.append(number)
    if broken and (len(broken) > len(records) or not _has_record(records)):
        try:
            return parse_json(text, name)  # one value over many lines
        except DocumentCorrupt:
            if not _has_record(records):
                raise
    builder = Builder()
    write_tree(builder, records)
    if broken:
        builder.leave_sections()
        builder.code("\n".join(lines[number - 1].strip() for number in broken))
        builder.note("broken_line", _spans(broken), len(broken))
    return builder.finish()


def _has_record(records: Sequence[Tree]) -> bool:
    return any(isinstance(record, Record) for record in records)


def _spans(numbers: Sequence[int]) -> str:
    """'2, 5–7', as many as a person will look for."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = [str(a) if a == b else f"{a}–{b}" for a, b in spans[:_MOST_SPANS]]
    return ", ".join(told) + (", …" if len(spans) > _MOST_SPANS else "")


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
            return builder.finish(title=_called(documents[0]) if len(documents) == 1 else "")
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
