"""What stands in the frames of a slide: tables, charts, diagrams, embedded files."""

from typing import Any

from ingest.parse.document import Builder, one_line
from ingest.parse.drawings import drawn_text, write_chart, write_smart_art
from ingest.parse.grid import Grid, write_grid
from ingest.parse.labels import labelled
from ingest.parse.ooxml import A, C, P, Package, R

_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_MOST_COLUMNS = 200


class Frames:
    def __init__(self, package: Package, builder: Builder) -> None:
        self._package = package
        self._builder = builder

    def write(self, frame: Any, part: str, description: str) -> None:
        """`frame`: a p:graphicFrame of `part`. What it holds and can't be read is noted."""
        for table in frame.iter(f"{A}tbl"):
            write_grid(self._builder, _grid(table, self._builder), 1)
        for chart in frame.iter(f"{C}chart"):
            self._describe(description)
            write_chart(
                self._builder, self._package, self._package.target(part, chart.get(f"{R}id"))
            )
        for diagram in frame.iter(f"{_DGM}relIds"):
            target = self._package.target(part, diagram.get(f"{R}dm"))
            if not write_smart_art(self._builder, self._package, target):
                self._builder.note("picture", target or "")
        objects = {
            (embedded.get("progId") or "", self._package.target(part, embedded.get(f"{R}id")) or "")
            for embedded in frame.iter(f"{P}oleObj")
        }
        for program, target in sorted(objects):
            self._builder.note("embedded_file", f"{program} {target}")
        data = frame.find(f"{A}graphic/{A}graphicData")
        if data is not None and "chartex" in (data.get("uri") or ""):
            self._describe(description)
            self._builder.note("chart", description)

    def _describe(self, description: str) -> None:
        if description:
            self._builder.paragraph(labelled("picture", description))


def _grid(table: Any, builder: Builder) -> Grid:
    rows: list[list[str]] = []
    across: set[tuple[int, int]] = set()
    for r, row in enumerate(table.iterfind(f"{A}tr")):
        texts: list[str] = []
        for c, cell in enumerate(row.iterfind(f"{A}tc")):
            if c >= _MOST_COLUMNS:
                break
            lines = (drawn_text(paragraph, builder) for paragraph in cell.iter(f"{A}p"))
            text = one_line(" ".join(lines))
            if cell.get("vMerge") in ("1", "true") and r and c < len(rows[-1]):
                text = rows[-1][c]
            if cell.get("hMerge") in ("1", "true") and texts:
                text = texts[-1]
                across.add((r, c))
            texts.append(text)
        rows.append(texts)
    return Grid(rows, across)
