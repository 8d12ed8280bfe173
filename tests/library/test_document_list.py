"""Pages of documents: what is found, in which order, and how many there are."""

import pytest

from app.library.document_list import DocumentOrder, list_documents
from app.library.library import Library, NewRevision, PendingRevision, open_library
from app.library.sight import EVERYTHING
from app.settings import Settings


def add(
    library: Library, source: str, title: str, size: int = 1, tags: tuple[str, ...] = ()
) -> None:
    identifier = f"id-{source}"
    library.begin_revisions("default", [PendingRevision(identifier, source, "r", "text")])
    new = NewRevision(identifier, "r", title, "text/plain", size, 1, 2, 1, tags, {})
    library.make_current("default", [new])


def fail(library: Library, source: str) -> None:
    failure = {
        "source": source,
        "code": "document_corrupt",
        "message": "m",
        "hint": "h",
        "message_zh": "m",
        "hint_zh": "h",
        "permanent": True,
    }
    library.record_failure("default", f"id-{source}", source, 1, 1, failure)


@pytest.fixture
def library(settings: Settings) -> Library:
    opened = open_library(settings)
    opened.add_knowledge_base("default")
    add(opened, "file:///a/my%20file.md", "Ärger", 30, ("x", "Y"))
    add(opened, "file:///b/%E4%B8%AD%E6%96%87.md", "Überblick", 20, ("y",))
    add(opened, "file:///c/plain.md", "50%_off", 10, ("中文", 'a"b'))
    fail(opened, "file:///d/broken.pdf")
    fail(opened, "file:///c/plain.md")  # its newest revision: the older one is shown
    return opened


def sources(library: Library, **wanted: object) -> list[str]:
    rows, total = list_documents(library.engine, EVERYTHING, "default", **wanted)  # type: ignore[arg-type]
    assert total == len(rows)
    return [row.source.rsplit("/", 1)[-1] for row in rows]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("my file", ["my%20file.md"]),
        ("MY FILE", ["my%20file.md"]),
        ("my%20file", ["my%20file.md"]),
        ("中文", ["%E4%B8%AD%E6%96%87.md"]),
        ("ärg", ["my%20file.md"]),
        ("ÜBER", ["%E4%B8%AD%E6%96%87.md"]),
        ("0%_o", ["plain.md"]),
        ("%", ["my%20file.md", "%E4%B8%AD%E6%96%87.md", "plain.md"]),
        ("b/", ["%E4%B8%AD%E6%96%87.md"]),
        ("nothing", []),
    ],
)
def test_search_is_for_parts_of_title_and_source(
    library: Library, search: str, found: list[str]
) -> None:
    assert sources(library, search=search) == found


def test_status(library: Library) -> None:
    assert sources(library, status="ready") == ["my%20file.md", "%E4%B8%AD%E6%96%87.md"]
    assert sources(library, status="stale") == ["plain.md"]
    assert sources(library, status="failed") == ["broken.pdf"]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (("x",), ["my%20file.md"]),
        (("y",), ["%E4%B8%AD%E6%96%87.md"]),
        (("Y",), ["my%20file.md"]),
        (("中文",), ["plain.md"]),
        (('a"b',), ["plain.md"]),
        (("b",), []),
        (("x", "y"), ["my%20file.md", "%E4%B8%AD%E6%96%87.md"]),
    ],
)
def test_tags_are_whole_and_any_of_them(
    library: Library, tags: tuple[str, ...], found: list[str]
) -> None:
    assert sources(library, tags=tags) == found


@pytest.mark.parametrize("order", ["source", "-source", "title", "size", "-size", "-added_at"])
def test_pages_repeat_nothing_and_miss_nothing(library: Library, order: DocumentOrder) -> None:
    whole, total = list_documents(library.engine, EVERYTHING, "default", order=order)
    assert total == 4
    paged = []
    for offset in range(0, 6, 2):
        rows, total = list_documents(
            library.engine, EVERYTHING, "default", order=order, limit=2, offset=offset
        )
        assert total == 4
        paged += rows
    assert paged == whole


def test_orders(library: Library) -> None:
    assert sources(library, order="-size")[0] == "my%20file.md"
    assert sources(library, order="-source")[0] == "broken.pdf"
