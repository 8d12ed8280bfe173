"""What a caller may see of a library: the one place that decides it.

A document's limits are kept as one text (`Document.access`, made by `app.library.limits`): '' for
none, else a JSON list of lists of groups, of each of which a reader has to be in one.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, false, select
from sqlalchemy.orm import Session

from app.library.stored import Named
from app.library.tables import Document, KnowledgeBase

_AT_ONCE: Final = 500  # values in one condition


def usual_kb(kbs: Collection[str] | None, default: str) -> str:
    """The knowledge base that is meant where none is named: the only one of those that somebody is
    limited to (None: to none), else the default."""
    return next(iter(kbs)) if kbs and len(kbs) == 1 else default


@dataclass(frozen=True)
class Sight:
    """`unlimited`: no limit counts. `owner`: whose conversations, judgements and uploads; None:
    everybody's. `kbs`: which knowledge bases; None: all."""

    unlimited: bool = False
    owner: str | None = None
    groups: frozenset[str] = frozenset()
    kbs: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        """Of documents: nothing has to be asked."""
        return self.unlimited and self.kbs is None

    def passes(self, access: str) -> bool:
        """Whether these limits let him in. What cannot be read as limits lets nobody in."""
        if self.unlimited or not access:
            return True
        try:
            return all(not self.groups.isdisjoint(some) for some in json.loads(access))
        except (ValueError, TypeError):
            return False

    def enters(self, kb: str, access: str | None) -> bool:
        """Whether he may look into a knowledge base; `access` None: it is not there."""
        named = self.kbs is None or kb in self.kbs
        return self.everything or (access is not None and named and self.passes(access))

    def enters_named(self, at: Session | Connection, kb: str) -> bool:
        """The same of the knowledge base of that name."""
        return self.enters(kb, _access_of(at, kb))

    def without(self, at: Session | Connection, kb: str) -> tuple[str, ...]:
        """The limits of documents in `kb` that he does not pass."""
        if self.unlimited:
            return ()
        return tuple(access for access in _limits(at, kb) if not self.passes(access))

    def readable(self, at: Session | Connection, kb: str) -> tuple[ColumnElement[bool], ...]:
        """Conditions on `Document` rows of `kb`, for what he may read; none for who may all."""
        if self.everything:
            return ()
        if not self.enters(kb, _access_of(at, kb)):
            return (false(),)
        if self.unlimited:
            return ()
        passed = [access for access in _limits(at, kb) if self.passes(access)]
        return (Document.access.in_(["", *passed]),)

    def reads(self, at: Session | Connection, document: Document) -> bool:
        """The same for one document."""
        return self.everything or (
            self.passes(document.access) and self.enters(document.kb, _access_of(at, document.kb))
        )

    def unreadable(
        self, at: Session | Connection, kb: str, documents: Iterable[Named]
    ) -> set[Named]:
        """Those that he may not read, or that are gone for good: what limits they had is forgotten.
        `kb` is that of the ones that name none."""
        wanted = set(documents)
        if self.everything or not wanted:
            return set()
        allowed = set[tuple[str, str]]()
        for name in {named or kb for named, _ in wanted}:
            ids = sorted({document_id for named, document_id in wanted if (named or kb) == name})
            conditions = self.readable(at, name)
            for start in range(0, len(ids), _AT_ONCE):
                some = Document.id.in_(ids[start : start + _AT_ONCE])
                query = select(Document.id).where(Document.kb == name, some, *conditions)
                allowed.update((name, row.id) for row in at.execute(query))
        return {(named, of) for named, of in wanted if (named or kb, of) not in allowed}

    def entered(self, at: Session | Connection) -> list[str]:
        """The knowledge bases that he may look into, by name."""
        query = select(KnowledgeBase.name, KnowledgeBase.access).order_by(KnowledgeBase.name)
        return [row.name for row in at.execute(query) if self.enters(row.name, row.access)]


EVERYTHING: Final = Sight(unlimited=True)


def _limits(at: Session | Connection, kb: str) -> list[str]:
    """All that documents of `kb` are limited by; few, and found by an index of the limited ones."""
    query = select(Document.access).where(Document.kb == kb, Document.access != "").distinct()
    return [row.access for row in at.execute(query)]


def _access_of(at: Session | Connection, kb: str) -> str | None:
    row = at.execute(select(KnowledgeBase.access).where(KnowledgeBase.name == kb)).first()
    return None if row is None else row.access
