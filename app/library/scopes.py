"""What a question can be asked about: documents, their tags, and the folders that they lie in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import ColumnElement, Engine, TableValuedAlias, func, or_, select, true

from app.library.database import reading, viewing
from app.library.sight import Sight
from app.library.tables import Document


@dataclass(frozen=True)
class ScopeGroup:
    """A tag, or a folder's address, and how many documents it has."""

    name: str
    documents: int


def documents_in(
    engine: Engine,
    sight: Sight,
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
        readable = sight.readable(session, kb)
        return set(session.scalars(select(Document.id).where(Document.kb == kb, found, *readable)))


def having_tag(dialect: str, tags: Sequence[str]) -> ColumnElement[bool]:
    """The document has one of the tags."""
    each = _each_tag(dialect)
    return select(1).select_from(each).where(each.c.value.in_(tags)).exists()


def _each_tag(dialect: str) -> TableValuedAlias:
    """The tags of a document as rows, in the column `value`."""
    listed = func.json_array_elements_text if dialect == "postgresql" else func.json_each
    return listed(Document.tags).table_valued("value")


def under(folder: str) -> ColumnElement[bool]:
    """The document is what the address names, or lies under it."""
    return lies_under(folder.rstrip("/")) | (Document.source == folder)


def lies_under(root: str) -> ColumnElement[bool]:
    """The document's source is beneath this one."""
    # '0' follows '/' in code order, so this is the range of everything behind 'root/'.
    return (Document.source > f"{root}/") & (Document.source < f"{root}0")


def tags_and_folders(
    engine: Engine, sight: Sight, kb: str, search: str, limit: int
) -> tuple[list[ScopeGroup], list[ScopeGroup]]:
    """Those whose name has `search` in it, whatever the case; most documents first. Of folders
    the path counts, and one that holds nothing beside a single folder is left out. Raises
    LibraryUnavailable."""
    found = (Document.kb == kb, Document.revision.is_not(None), Document.deleted_at.is_(None))
    each = _each_tag(engine.dialect.name)
    tagged = (
        select(each.c.value, func.count()).select_from(Document).join(each, true()).where(*found)
    )
    # Up to its last slash: what is trimmed is every character of the source but the slash.
    folder_of = func.rtrim(Document.source, func.replace(Document.source, "/", ""))
    lying = select(folder_of, func.count()).where(*found).group_by(folder_of)
    tags: Counter[str] = Counter()
    folders: Counter[str] = Counter()
    with viewing(engine) as connection:
        readable = sight.readable(connection, kb)
        tagged, lying = tagged.where(*readable), lying.where(*readable)
        for tag, documents in connection.execute(tagged.group_by(each.c.value)):
            tags[tag] = documents
        for innermost, documents in connection.execute(lying):
            for folder in _folders(innermost):
                folders[folder] += documents
    for folder, documents in folders.copy().items():
        above = folder.rpartition("/")[0]
        if folders[above] == documents:
            del folders[above]
    return _best(tags, search, limit), _best(folders, search, limit)


def _folders(source: str) -> list[str]:
    """The folders that a source lies in, or a folder with its slash is, innermost first, without the
    root."""
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
