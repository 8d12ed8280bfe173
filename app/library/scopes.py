"""What a question can be asked about: documents, their tags, and the folders that they lie in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import ColumnElement, Engine, func, or_, select

from app.library.database import reading
from app.library.tables import Document


@dataclass(frozen=True)
class ScopeGroup:
    """A tag, or a folder's address, and how many documents it has."""

    name: str
    documents: int


def documents_in(
    engine: Engine,
    kb: str,
    document_ids: Sequence[str],
    tags: Sequence[str],
    folders: Sequence[str],
) -> set[str]:
    """The ids of the documents that are named, have one of the tags or lie under one of the
    folders. Raises LibraryUnavailable."""
    within = [under(folder) for folder in folders]
    found = or_(Document.id.in_(document_ids), having_tag(engine.dialect.name, tags), *within)
    with reading(engine) as session:
        return set(session.scalars(select(Document.id).where(Document.kb == kb, found)))


def having_tag(dialect: str, tags: Sequence[str]) -> ColumnElement[bool]:
    """The document has one of the tags."""
    listed = func.json_array_elements_text if dialect == "postgresql" else func.json_each
    each = listed(Document.tags).table_valued("value")
    return select(1).select_from(each).where(each.c.value.in_(tags)).exists()


def under(folder: str) -> ColumnElement[bool]:
    """The document is what the address names, or lies under it."""
    return lies_under(folder.rstrip("/")) | (Document.source == folder)


def lies_under(root: str) -> ColumnElement[bool]:
    """The document's source is beneath this one."""
    # '0' follows '/' in code order, so this is the range of everything behind 'root/'.
    return (Document.source > f"{root}/") & (Document.source < f"{root}0")


def tags_and_folders(
    engine: Engine, kb: str, search: str, limit: int
) -> tuple[list[ScopeGroup], list[ScopeGroup]]:
    """Those whose name has `search` in it, whatever the case; most documents first. Of folders
    the path counts, and one that holds nothing beside a single folder is left out. Raises
    LibraryUnavailable."""
    tags: Counter[str] = Counter()
    folders: Counter[str] = Counter()
    with reading(engine) as session:
        query = select(Document.source, Document.tags).where(
            Document.kb == kb, Document.revision.is_not(None), Document.deleted_at.is_(None)
        )
        for source, tagged in session.execute(query):
            tags.update(tagged)
            folders.update(_folders(source))
    for folder, documents in folders.copy().items():
        above = folder.rpartition("/")[0]
        if folders[above] == documents:
            del folders[above]
    return _best(tags, search, limit), _best(folders, search, limit)


def _folders(source: str) -> list[str]:
    """The folders that a source lies in, innermost first, without the root."""
    scheme, mark, path = source.partition("://")
    found = []
    while (cut := path.rfind("/")) > 0:
        path = path[:cut]
        found.append(f"{scheme}{mark}{path}")
    return found


def _best(counted: Counter[str], search: str, limit: int) -> list[ScopeGroup]:
    wanted = search.casefold()
    found = [
        ScopeGroup(name, count)
        for name, count in counted.items()
        if wanted in name.casefold() or wanted in unquote(name).casefold()
    ]
    return sorted(found, key=lambda group: (-group.documents, group.name))[:limit]
