"""What can be asked about: tags and folders, counted."""

from uuid import NAMESPACE_URL, uuid5

from app.library.library import Library, NewRevision, PendingRevision, open_library
from app.library.scopes import tags_and_folders
from app.library.sight import EVERYTHING
from app.settings import Settings


def add(library: Library, source: str, *tags: str) -> None:
    identifier = str(uuid5(NAMESPACE_URL, source))
    library.begin_revisions("default", [PendingRevision(identifier, source, "r", "text")])
    new = NewRevision(identifier, "r", source, "text/plain", 1, 1, 2, 1, tags, {})
    library.make_current("default", [new])


def test_tags_and_folders_are_found_with_how_many_documents_they_have(settings: Settings) -> None:
    library = open_library(settings)
    library.add_knowledge_base("default")
    add(library, "file:///srv/%E5%90%88%E5%90%8C/a.md", "legal", "2026")
    add(library, "file:///srv/%E5%90%88%E5%90%8C/b.md", "legal")
    add(library, "file:///srv/wiki/c.md")
    add(library, "s3://bucket/one/two/f.md")
    add(library, "upload:d.md")
    library.begin_revisions(
        "default", [PendingRevision("e", "file:///other/e.md", "r", "being written")]
    )

    add(library, "file:///srv/wiki/deleted.md", "legal")
    library.delete("default", [str(uuid5(NAMESPACE_URL, "file:///srv/wiki/deleted.md"))])

    def found(search: str, limit: int = 8) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        tags, folders = tags_and_folders(library.engine, EVERYTHING, "default", search, limit)
        return (
            [(group.name, group.documents) for group in tags],
            [(group.name, group.documents) for group in folders],
        )

    contracts, srv = "file:///srv/%E5%90%88%E5%90%8C", "file:///srv"
    assert found("") == (
        [("legal", 2), ("2026", 1)],
        [(srv, 3), (contracts, 2), ("file:///srv/wiki", 1), ("s3://bucket/one/two", 1)],
    )
    assert found("合同") == ([], [(contracts, 2)])
    assert found("LEGAL", 1) == ([("legal", 2)], [])
    library.close()
