"""PowerPoint decks: a slide is a page, its title a heading.

What stands on a slide comes in reading order, then its speaker notes and comments, labelled.
Texts of the footer and of the master are written on the first slide that shows them. Hidden
slides and shapes are left out and noted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ingest.parse.archive import open_archive
from ingest.parse.document import Builder, Content, Limits, one_line
from ingest.parse.drawings import drawn_text
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.labels import labelled
from ingest.parse.ooxml import MC, A, P, Package, R, alternative, integer
from ingest.parse.slide_frames import Frames
from ingest.parse.slide_paper import Box, Paper, is_doubtful
from ingest.parse.slide_text import write_text

_TITLES = frozenset(("title", "ctrTitle"))
_BODIES = frozenset(("body", "obj", ""))
_MARGINS = frozenset(("ftr", "hdr"))
_COUNTED = frozenset(("sldNum", "dt", "sldImg"))
_SHAPES = frozenset(f"{P}{name}" for name in ("sp", "grpSp", "pic", "graphicFrame"))


def parse_pptx(path: Path | IO[bytes], name: str, limits: Limits) -> Content:
    """Slides in order."""
    with open_archive(path, name, limits) as archive:
        package = Package(archive, name)
        part = package.main("ppt/presentation.xml")
        deck = package.required(part)
        reader = _Reader(package, Pictures(name, limits), _size(deck))
        slides = deck.iterfind(f"{P}sldIdLst/{P}sldId")
        for number, slide in enumerate(slides, 1):
            reader.slide(package.target(part, slide.get(f"{R}id")) or "", number)
        package.note_macros(reader.builder)
        title, metadata = package.properties()
        return reader.builder.finish(title=title, metadata=metadata)


class _Reader:
    def __init__(self, package: Package, pictures: Pictures, size: tuple[int, int]) -> None:
        """`size`: width and height of a slide, 0 where the file does not say it."""
        self.builder = Builder()
        self._size = size
        self._package = package
        self._frames = Frames(package, self.builder)
        self._pictures = pictures
        self._margins: set[str] = set()
        self._paper: Paper | None = None  # of the slide, where some text may not be seen on it

    def slide(self, part: str, number: int) -> None:
        tree = self._package.tree(part)
        if tree is None:
            return
        shapes = list(_shapes(tree.find(f"{P}cSld/{P}spTree")))
        titles = [shape for shape in shapes if _role(shape) in _TITLES]
        title = one_line(" ".join(_text(shape) for shape in titles))
        if tree.get("show") in ("0", "false"):
            self.builder.note("hidden", title or str(number))
            return
        self.builder.page = number
        self.builder.leave_sections()
        self.builder.heading(title, 1)
        layout = next(iter(self._package.related(part, "slideLayout")), "")
        places = _Places(self._package, layout)
        self._paper = None
        if is_doubtful(tree):
            behind = [self._package.tree(each) for each in (layout, places.master)]
            self._paper = Paper(self._package, [tree, *behind], places.master, places.of)
        rest = [shape for shape in shapes if shape not in titles]
        if tree.find(f".//{P}animMotion") is None:  # what waits beside the slide may move onto it
            rest = self._on_slide(rest, places)
        self._write(rest, part, places)
        self._notes(part)
        self._comments(part)
        self._shared(tree, layout, places.master)

    def _on_slide(self, shapes: list[Any], places: "_Places") -> list[Any]:
        """Without what stands beside the slide, where nobody sees it when it is shown."""
        wide, high = self._size
        shown = []
        for shape in shapes:
            box = places.of(shape)
            if box is None or not wide or (box[0] < wide and box[1] < high and min(box[2:]) > 0):
                shown.append(shape)
            else:
                own = next(shape.iter(f"{P}cNvPr"), None)
                self.builder.note("hidden", own.get("name") or "" if own is not None else "")
        return shown

    def _write(self, shapes: list[Any], part: str, places: "_Places") -> None:
        for shape in _in_reading_order(shapes, places):
            own = next(shape.iter(f"{P}cNvPr"), None)
            if own is not None and own.get("hidden") in ("1", "true"):
                self.builder.note("hidden", own.get("name") or "")
                continue
            description = own.get("descr") or "" if own is not None else ""
            if shape.tag == f"{P}grpSp":
                self._write(list(_shapes(shape)), part, places)
            elif shape.tag == f"{P}pic":
                self._picture(shape, part, description)
            elif shape.tag == f"{P}graphicFrame":
                self._frames.write(shape, part, description)
            else:
                self._text_shape(shape)

    def _text_shape(self, shape: Any) -> None:
        role = _role(shape)
        if role in _COUNTED:
            return
        if role in _MARGINS:
            self._margin(_text(shape))
            return
        body = shape.find(f"{P}txBody")
        if body is not None:
            unseen = self._paper.hides(shape) if self._paper else None
            write_text(self.builder, body, listed=role in _BODIES, unseen=unseen)

    def _picture(self, shape: Any, part: str, description: str) -> None:
        for kind in ("videoFile", "audioFile"):
            for media in shape.iter(f"{A}{kind}"):
                relation = self._package.relations(part).get(media.get(f"{R}link") or "")
                self.builder.note("embedded_file", relation.target if relation else "")
        for blip in shape.iter(f"{A}blip"):
            target = self._package.target(part, blip.get(f"{R}embed"))
            data = self._package.data(target) if target else None
            self._pictures.write(self.builder, target or "", data, description)

    def _notes(self, part: str) -> None:
        for target in self._package.related(part, "notesSlide"):
            tree = self._package.tree(target)
            shapes = _shapes(tree.find(f"{P}cSld/{P}spTree")) if tree is not None else ()
            texts = [
                _text(shape, self.builder)
                for shape in shapes
                if _role(shape) not in _COUNTED | _MARGINS
            ]
            if text := "\n".join(text for text in texts if text.strip()).strip():
                self.builder.paragraph(labelled("notes", text))

    def _comments(self, part: str) -> None:
        """Old comments keep their text in p:text, those of later versions in a body of text."""
        for target in self._package.related(part, "comments"):
            tree = self._package.tree(target)
            for element in tree.iter() if tree is not None else ():
                local = element.tag.rpartition("}")[2]
                if local == "text":
                    text = element.text or ""
                elif local == "txBody":
                    text = "\n".join(drawn_text(paragraph) for paragraph in element.iter(f"{A}p"))
                else:
                    continue
                if text.strip():
                    self.builder.paragraph(labelled("comment", text.strip()))

    def _shared(self, slide: Any, layout: str, master: str) -> None:
        """Fixed texts of the layout and the master behind the slide."""
        trees = [self._package.tree(layout)]
        hides = [
            tree is not None and tree.get("showMasterSp") in ("0", "false")
            for tree in (slide, *trees)
        ]
        if hides[0]:
            return
        if not hides[1]:
            trees.append(self._package.tree(master))
        for tree in trees:
            for shape in _shapes(tree.find(f"{P}cSld/{P}spTree")) if tree is not None else ():
                if _role(shape) is None and shape.tag == f"{P}sp":
                    self._margin(_text(shape))

    def _margin(self, text: str) -> None:
        text = text.strip()
        if text and text not in self._margins:
            self._margins.add(text)
            self.builder.paragraph(labelled("footer", text))


class _Places:
    """Where placeholders stand that say so on their layout or master only."""

    def __init__(self, package: Package, layout: str) -> None:
        self.master = next(iter(package.related(layout, "slideMaster")), "") if layout else ""
        self._known: dict[tuple[str, str], Box] = {}
        for part in (layout, self.master):
            tree = package.tree(part) if part else None
            for shape in _shapes(tree.find(f"{P}cSld/{P}spTree")) if tree is not None else ():
                box = _box(shape)
                for key in _keys(shape):
                    if box is not None:
                        self._known.setdefault(key, box)

    def of(self, shape: Any) -> Box | None:
        own = _box(shape)
        if own is not None:
            return own
        return next((self._known[key] for key in _keys(shape) if key in self._known), None)


def _size(deck: Any) -> tuple[int, int]:
    size = deck.find(f"{P}sldSz")
    return (integer(size.get("cx")), integer(size.get("cy"))) if size is not None else (0, 0)


def _shapes(tree: Any | None) -> Iterator[Any]:
    """The shapes of a tree or group, in the order they were drawn."""
    for child in tree if tree is not None else ():
        if child.tag == f"{MC}AlternateContent":
            yield from _shapes(alternative(child))
        elif child.tag in _SHAPES:
            yield child


def _role(shape: Any) -> str | None:
    """The type of a placeholder ('' for one of any content); None for another shape."""
    placeholder = _placeholder(shape)
    return None if placeholder is None else placeholder.get("type") or ""


def _placeholder(shape: Any) -> Any | None:
    return None if shape.tag == f"{P}grpSp" else shape.find(f"./*/{P}nvPr/{P}ph")


def _keys(shape: Any) -> list[tuple[str, str]]:
    """By which a placeholder is known on its layout: its number, else its type."""
    placeholder = _placeholder(shape)
    if placeholder is None:
        return []
    kind = placeholder.get("type") or "obj"
    kind = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}.get(kind, kind)
    found = [("type", kind)]
    if (number := placeholder.get("idx")) is not None:
        found.insert(0, ("idx", number))
    return found


def _box(shape: Any) -> Box | None:
    frame = shape.find(f"{P}xfrm")
    if frame is None:
        frame = shape.find(
            f"{P}grpSpPr/{A}xfrm" if shape.tag == f"{P}grpSp" else f"{P}spPr/{A}xfrm"
        )
    offset = frame.find(f"{A}off") if frame is not None else None
    extent = frame.find(f"{A}ext") if frame is not None else None
    if offset is None or extent is None:
        return None
    try:
        left, top = int(offset.get("x")), int(offset.get("y"))
        return left, top, left + int(extent.get("cx")), top + int(extent.get("cy"))
    except (TypeError, ValueError):
        return None


def _in_reading_order(shapes: list[Any], places: _Places) -> list[Any]:
    """From the top down, what stands at about one height from the left; shapes whose place
    is not known come first, in the order they were drawn."""
    placed = [(box, shape) for shape in shapes if (box := places.of(shape)) is not None]
    ordered = [shape for shape in shapes if places.of(shape) is None]
    rows: list[list[tuple[Box, Any]]] = []
    for box, shape in sorted(placed, key=lambda item: (item[0][1], item[0][0])):
        if rows and _same_height(rows[-1][0][0], box):
            rows[-1].append((box, shape))
        else:
            rows.append([(box, shape)])
    for row in rows:
        ordered += [shape for _, shape in sorted(row, key=lambda item: item[0][0])]
    return ordered


def _same_height(first: Box, second: Box) -> bool:
    """Whether two boxes beside each other begin at about one height."""
    beside = first[2] <= second[0] or second[2] <= first[0]
    lower = min(first[3] - first[1], second[3] - second[1])
    return beside and abs(second[1] - first[1]) * 2 <= lower


def _text(shape: Any, builder: Builder | None = None) -> str:
    paragraphs = shape.iterfind(f"{P}txBody/{A}p")
    return "\n".join(drawn_text(paragraph, builder) for paragraph in paragraphs)
