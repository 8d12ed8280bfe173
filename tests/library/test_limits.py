"""What documents are limited by, whatever it follows from; and who passes."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from app.errors import DocumentNotFound, KnowledgeBaseNotFound
from app.library.library import Library, NewRevision, PendingRevision, open_library
from app.library.limits import access_text, groups_said
from app.library.sight import EVERYTHING, Sight
from app.settings import Settings

KB = "default"


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    with closing(open_library(settings)) as opened:
        opened.add_knowledge_base(KB)
        yield opened


def add(
    library: Library,
    source: str,
    properties: dict[str, Any] | None = None,
    own: dict[str, Any] | None = None,
    revision: str = "r1",
) -> str:
    identifier, said = str(uuid5(NAMESPACE_URL, source)), properties or {}
    library.begin_revisions(KB, [PendingRevision(identifier, source, revision, "text", said)])
    new = NewRevision(identifier, revision, source, "text/plain", 1, 1, 2, 1, (), said, own)
    library.make_current(KB, [new])
    return identifier


def readers(library: Library, document_id: str) -> set[str]:
    """Of some sets of groups, those that may read it."""
    found = set()
    for groups in ("", "a", "b", "a b", "c", "a c"):
        seen = library.seen_by(Sight(groups=frozenset(groups.split())))
        try:
            assert seen.document(KB, document_id).id == document_id
            assert seen.text(KB, document_id) == seen.text(KB, document_id, "r1") == "text"
        except DocumentNotFound:
            assert document_id not in {row.id for row in seen.documents(KB)}
            with pytest.raises(DocumentNotFound):
                seen.text(KB, document_id, "r1")
            continue
        assert document_id in {row.id for row in seen.documents(KB)}
        found.add(groups)
    return found


ALL = {"", "a", "b", "a b", "c", "a c"}


def test_limits_are_one_text_whatever_their_order() -> None:
    assert access_text([]) == access_text([()]) == ""
    assert access_text([["b", "a"], ["c"], ["a", "b"]]) == access_text([["c"], {"a", "b"}])
    assert groups_said(
        {"Groups": "a, b，财务", "access": ("c",), "group": "x", "tags": ("t",)}
    ) == [
        ("a", "b", "财务"),
        ("c",),
    ]
    assert groups_said({"groups": " , ", "access": ""}) == groups_said(None) == []
    assert not Sight(groups=frozenset({"a"})).passes("not limits")
    assert not Sight(groups=frozenset({"a"})).passes("7")


def test_every_limit_has_to_be_passed(library: Library) -> None:
    document = add(library, "file:///lib/x.md", {"groups": ("a", "b")})
    beside = add(library, "file:///library/x.md")
    assert readers(library, document) == {"a", "b", "a b", "a c"}
    assert library.limits.limit_address(KB, "file:///lib", ["a", "c"]) == {
        access_text([["a", "b"], ["a", "c"]]): [document]
    }
    assert readers(library, document) == {"a", "a b", "a c"}
    library.limits.limit_document(KB, document, ["c"])
    assert readers(library, document) == {"a c"}
    assert readers(library, beside) == ALL
    # What comes later is under the address's limit from the first; a new revision keeps all.
    assert readers(library, add(library, "file:///lib/later.md")) == {"a", "c", "a b", "a c"}
    add(library, "file:///lib/x.md", {"groups": "b"}, revision="r2")
    [limited] = [row for row in library.limits.documents(KB) if row.id == document]
    assert limited.access == (("a", "c"), ("b",), ("c",))
    library.limits.limit_address(KB, "file:///lib", [])
    assert library.limits.limit_document(KB, document, []) == {access_text([["b"]]): [document]}


def test_nobody_widens_what_is_limited(library: Library) -> None:
    sidecar = add(library, "file:///s.md", {"groups": "b"}, own={"groups": "a"})
    assert readers(library, sidecar) == {"a b"}
    assert library.properties.amend(KB, sidecar, {"groups": "c"}, (), {"groups": "a"}) == {
        access_text([["a"], ["c"]]): [sidecar]
    }
    assert readers(library, sidecar) == {"a c"}


def test_what_is_enclosed_is_limited_as_its_mail_is(library: Library) -> None:
    mail = add(library, "file:///m.eml")
    inner = add(library, "file:///m.eml//!/offer.pdf")
    within = add(library, "file:///m.eml//!/b.eml//!/deep.txt")
    other = add(library, "file:///m.emlx")
    library.limits.limit_document(KB, mail, ["a"])
    assert readers(library, inner) == readers(library, within) == {"a", "a b", "a c"}
    assert readers(library, other) == ALL
    assert readers(library, add(library, "file:///m.eml//!/new.txt")) == {"a", "a b", "a c"}
    library.properties.amend(KB, mail, {"access": "c"}, (), {})
    assert readers(library, inner) == {"a c"}


def test_a_file_that_moves_is_limited_by_where_it_is(library: Library) -> None:
    document = add(library, "file:///open/x.md")
    library.limits.limit_document(KB, document, ["a"])
    library.limits.limit_address(KB, "file:///closed/", ["c"])
    assert library.move(KB, document, "file:///closed/x.md") == {
        access_text([["a"], ["c"]]): [document]
    }
    assert readers(library, document) == {"a c"}
    library.move(KB, document, "file:///open/y.md")
    assert readers(library, document) == {"a", "a b", "a c"}


def test_what_a_remote_source_holds_is_under_its_limit(library: Library) -> None:
    page = add(library, "https://other.example/page")
    library.remote.replace(KB, "https://site.example", {"https://other.example/page": ""})
    assert readers(library, page) == ALL
    library.limits.limit_address(KB, "https://site.example", ["a"])
    assert readers(library, page) == {"a", "a b", "a c"}
    known = add(library, "https://third.example/page")
    states = {"https://other.example/page": "", "https://third.example/page": ""}
    library.remote.replace(KB, "https://site.example", states)
    assert readers(library, known) == {"a", "a b", "a c"}


def test_what_failed_or_is_on_its_way_is_limited_too(library: Library) -> None:
    library.limits.limit_address(KB, "file:///lib", ["a"])
    library.record_failure(KB, "failed", "file:///lib/plan.pdf", 1, 1, {"code": "x"})
    said = {"groups": "b"}
    library.begin_revisions(KB, [PendingRevision("new", "file:///lib/n", "r", "text", said)])
    outside = library.seen_by(Sight(groups=frozenset({"b"})))
    assert outside.documents(KB) == []
    for document_id in ("failed", "new"):
        with pytest.raises(DocumentNotFound):
            outside.document(KB, document_id)
    with pytest.raises(DocumentNotFound):
        library.seen_by(Sight(groups=frozenset({"a", "b"}))).text(KB, "new", "r")


def test_what_is_deleted_is_limited_until_it_is_gone(library: Library) -> None:
    document = add(library, "file:///x.md", {"groups": "a"})
    library.delete(KB, [document])
    outside, within = library.seen_by(Sight()), library.seen_by(Sight(groups=frozenset({"a"})))
    with pytest.raises(DocumentNotFound):
        outside.restore(KB, [document])
    assert outside.hides(KB, "file:///x.md")
    assert not within.hides(KB, "file:///x.md")
    within.restore(KB, [document])
    with pytest.raises(DocumentNotFound):
        outside.delete(KB, [document])
    with pytest.raises(DocumentNotFound):
        outside.set_tags(KB, document, ["t"])
    library.delete(KB, [document])
    assert readers(library, document) == set()


def test_a_knowledge_base_is_not_there_for_who_may_not_enter(library: Library) -> None:
    document = add(library, "file:///x.md")
    library.limits.limit_knowledge_base(KB, ["a"])
    library.add_knowledge_base("other")
    assert readers(library, document) == {"a", "a b", "a c"}
    outside = library.seen_by(Sight(groups=frozenset({"b"})))
    assert outside.knowledge_bases() == ["other"]
    assert (outside.current_count(KB), outside.documents(KB)) == (0, [])
    with pytest.raises(KnowledgeBaseNotFound):
        outside.require_knowledge_base(KB)
    of_one_key = library.seen_by(Sight(unlimited=True, kbs=frozenset({"other"})))
    assert of_one_key.knowledge_bases() == ["other"]
    assert of_one_key.documents(KB) == []
    with library.seen_by(Sight(unlimited=True, kbs=frozenset({KB}))).snapshot(KB) as snapshot:
        assert (snapshot.exists, snapshot.without_access()) == (True, ())
    assert library.seen_by(EVERYTHING) is library
