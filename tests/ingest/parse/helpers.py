"""Short views of parsed documents."""

from pathlib import Path

from ingest.parse import Limits, ParsedDocument, parse

LIMITS = Limits()


def parse_text(folder: Path, name: str, text: str) -> ParsedDocument:
    path = folder / name
    path.write_bytes(text.encode())
    return parse(path, limits=LIMITS)


def outline(parsed: ParsedDocument) -> list[tuple[str, str]]:
    """(kind, text) of each block."""
    return [(block.kind, parsed.text[block.start : block.end]) for block in parsed.blocks]


def section_of(parsed: ParsedDocument, part: str) -> tuple[str, ...]:
    """The heading path of the block that holds `part`."""
    place = parsed.text.index(part)
    return next(b.section for b in parsed.blocks if b.start <= place < b.end)


def check_blocks(parsed: ParsedDocument) -> None:
    """What every parsed document promises of its blocks."""
    position = 0
    for block in parsed.blocks:
        assert not parsed.text[position : block.start].strip(), "text between blocks"
        assert position <= block.start < block.end
        assert parsed.text[block.start : block.end].strip()
        position = block.end
    assert not parsed.text[position:].strip()
    assert "\r" not in parsed.text
    assert "\0" not in parsed.text
