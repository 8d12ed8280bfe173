"""Which groups a document is limited to, and what that follows from.

A knowledge base, an address (a source, a folder, what lies under it) and a document, by hand or by
what its metadata says, may each be limited to groups. All limits that apply to a document have to be
passed; they are kept together in `Document.access`, in the transaction that changes one of them.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, delete, or_, select, text
from sqlalchemy.orm import Session

from app.errors import DocumentNotFound, KnowledgeBaseNotFound
from app.library.database import reading, repeated, writing
from app.library.enclosed import enclosed_under, encloser
from app.library.scopes import lies_under
from app.library.tables import AddressLimit, Document, KnowledgeBase, OwnProperties, RemoteState

# What metadata calls it; in any case of its letters.
_NAMES: Final = frozenset({"groups", "access"})
_SEPARATORS: Final = str.maketrans("，、;；", ",,,,")
_AT_ONCE: Final = 500  # values in one condition


def access_text(limits: Iterable[Collection[str]]) -> str:
    """Limits as one text: equal for equal ones, '' for none. Of each a reader has to be in one group."""
    each = {tuple(sorted(set(groups))) for groups in limits if groups}
    return json.dumps(sorted(each), ensure_ascii=False) if each else ""


def groups_said(properties: Mapping[str, Any] | None) -> list[tuple[str, ...]]:
    """The limits that metadata has: `groups` and `access`, each a list, or names with commas."""
    found = []
    for name, value in (properties or {}).items():
        if name.casefold() in _NAMES:
            listed = value.translate(_SEPARATORS).split(",") if isinstance(value, str) else value
            found.append(tuple(group.strip() for group in listed if group.strip()))
    return [groups for groups in found if groups]


@dataclass(frozen=True)
class LimitRow:
    """An address and the groups that it is limited to."""

    address: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class LimitedDocument:
    """`groups`: those given by hand; `access`: all that applies: of each, a reader has to be in one group."""

    id: str
    source: str
    groups: tuple[str, ...]
    access: tuple[tuple[str, ...], ...]


# What `Document.access` is now, and of which documents.
Changed = Mapping[str, Sequence[str]]


class Limits:
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable.
    Those that change something tell what the index has to be told."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_knowledge_base(self, kb: str) -> tuple[str, ...]:
        """Empty: whoever may call. Raises KnowledgeBaseNotFound."""
        with reading(self._engine) as session:
            access = _knowledge_base(session, kb).access
            return tuple(json.loads(access)[0]) if access else ()

    @repeated
    def limit_knowledge_base(self, kb: str, groups: Collection[str]) -> None:
        """Raises KnowledgeBaseNotFound."""
        with writing(self._engine) as session:
            _knowledge_base(session, kb).access = access_text([groups])

    def addresses(self, kb: str) -> list[LimitRow]:
        """All limits of addresses, by address."""
        with reading(self._engine) as session:
            rows = session.scalars(
                select(AddressLimit).where(AddressLimit.kb == kb).order_by(AddressLimit.address)
            )
            return [LimitRow(row.address, tuple(row.groups)) for row in rows]

    def documents(self, kb: str) -> list[LimitedDocument]:
        """Those with any limit, by source."""
        query = select(Document).where(Document.kb == kb, Document.access != "")
        with reading(self._engine) as session:
            return [
                LimitedDocument(
                    row.id,
                    row.source,
                    tuple(row.own_groups or ()),
                    tuple(map(tuple, json.loads(row.access))),
                )
                for row in session.scalars(query.order_by(Document.source))
            ]

    @repeated
    def limit_address(self, kb: str, address: str, groups: Collection[str]) -> Changed:
        """Limit what is at an address or lies under it, now and later; no groups: no more. What a
        remote source holds elsewhere is under its limit, too. Raises KnowledgeBaseNotFound."""
        with writing(self._engine) as session:
            hold(session, alone=True)
            _knowledge_base(session, kb)
            chosen = AddressLimit.kb == kb, AddressLimit.address == address
            session.execute(delete(AddressLimit).where(*chosen))
            if groups:
                session.add(AddressLimit(kb=kb, address=address, groups=sorted(set(groups))))
            session.flush()
            member = select(RemoteState.source).where(
                RemoteState.kb == kb, RemoteState.root == address
            )
            root = address.rstrip("/")
            under = or_(Document.source == address, lies_under(root), Document.source.in_(member))
            return refresh(session, kb, under)

    @repeated
    def limit_document(self, kb: str, document_id: str, groups: Collection[str]) -> Changed:
        """Limit one document by hand, and what is enclosed in it, for good; no groups: no more.
        Raises DocumentNotFound."""
        with writing(self._engine) as session:
            hold(session, alone=True)
            document = session.get(Document, (kb, document_id))
            if document is None or document.deleted_at is not None:
                raise DocumentNotFound(document=document_id)
            document.own_groups = sorted(set(groups)) or None
            session.flush()
            inside = lies_under(enclosed_under(document.source))
            return refresh(session, kb, (Document.id == document_id) | inside)

    def current(self, kb: str) -> dict[str, list[str]]:
        """The documents of each limit, as the index should have it."""
        query = select(Document.id, Document.access).where(Document.kb == kb, Document.access != "")
        found: dict[str, list[str]] = {}
        with reading(self._engine) as session:
            for row in session.execute(query):
                found.setdefault(row.access, []).append(row.id)
        return found

    def of(self, kb: str, document_ids: Sequence[str]) -> dict[str, list[str]]:
        """The same of some documents, for those that have a limit."""
        found: dict[str, list[str]] = {}
        with reading(self._engine) as session:
            for start in range(0, len(document_ids), _AT_ONCE):
                some = Document.id.in_(document_ids[start : start + _AT_ONCE])
                query = select(Document.id, Document.access).where(
                    Document.kb == kb, some, Document.access != ""
                )
                for row in session.execute(query):
                    found.setdefault(row.access, []).append(row.id)
        return found


def hold(session: Session, *, alone: bool = False) -> None:
    """Keep limits from changing between here and the end of the transaction, which has to begin with
    this: else two that do not see each other could leave a document without a limit. `alone`: to
    change them. SQLite has one writer at a time in any case."""
    if session.get_bind().dialect.name == "postgresql":
        mode = "EXCLUSIVE" if alone else "SHARE"
        session.execute(text(f"LOCK TABLE {AddressLimit.__tablename__} IN {mode} MODE"))


def refresh(
    session: Session, kb: str, *which: ColumnElement[bool], expected: Sequence[str] = ()
) -> Changed:
    """Find anew what limits these documents, what is deleted among them; those that changed.
    `expected`: the ids of many of them."""
    finder = Finder(session, kb, expected=expected)
    changed: dict[str, list[str]] = {}
    for document in session.scalars(select(Document).where(Document.kb == kb, *which)):
        access = finder.of(document)
        if access != document.access:
            document.access = access
            changed.setdefault(access, []).append(document.id)
    return changed


class Finder:
    """Finds what limits documents of one knowledge base, within one transaction."""

    def __init__(self, session: Session, kb: str, *, expected: Sequence[str] = ()) -> None:
        """`expected`: the ids of documents that it will be asked about, looked up at once."""
        self._session = session
        self._kb = kb
        self._said: dict[str, OwnProperties | None] = dict.fromkeys(expected)
        for i in range(0, len(expected), _AT_ONCE):
            some = OwnProperties.document_id.in_(expected[i : i + _AT_ONCE])
            for own in session.scalars(select(OwnProperties).where(OwnProperties.kb == kb, some)):
                self._said[own.document_id] = own
        self._rules = {
            row.address: tuple(row.groups)
            for row in session.scalars(select(AddressLimit).where(AddressLimit.kb == kb))
        }

    def of(self, document: Document, said: Mapping[str, Any] | None = None) -> str:
        """`Document.access`, as it should be; `said`: its metadata, before its row has it."""
        limits = [*self._of_addresses(document.source), *self._own(document), *groups_said(said)]
        outer = encloser(document.source)
        while outer is not None:
            within = self._session.scalar(
                select(Document).where(Document.kb == self._kb, Document.source == outer)
            )
            limits += [] if within is None else self._own(within)
            outer = encloser(outer)
        return access_text(limits)

    def _own(self, document: Document) -> list[tuple[str, ...]]:
        limits = groups_said(document.properties)
        # A sidecar takes the place of what a document says itself; of limits both count.
        if document.id in self._said:
            own = self._said[document.id]
        else:
            own = self._session.get(OwnProperties, (self._kb, document.id))
        if own is not None:
            limits += groups_said(own.properties)
        return [*limits, tuple(document.own_groups)] if document.own_groups else limits

    def _of_addresses(self, source: str) -> list[tuple[str, ...]]:
        if not self._rules:
            return []
        held = self._session.scalars(
            select(RemoteState.root).where(
                RemoteState.kb == self._kb,
                RemoteState.source == source,
                RemoteState.root.in_(self._rules),
            )
        )
        roots = set(held)
        return [
            groups
            for address, groups in self._rules.items()
            if source == address or address in roots or source.startswith(f"{address.rstrip('/')}/")
        ]


def _knowledge_base(session: Session, kb: str) -> KnowledgeBase:
    row = session.get(KnowledgeBase, kb)
    if row is None:
        raise KnowledgeBaseNotFound(name=kb)
    return row
