"""Who may read what: a knowledge base, an address and a document may be limited to groups."""

from fastapi import APIRouter, Depends

from app.api.auth import DOCUMENTED, Guarded, require_operator
from app.api.dependencies import KbDep, LibraryDep, StorageDep
from app.api.wire.base import not_found
from app.api.wire.rights import AddressGroups, GroupsIn, Rights
from app.library.library import Library
from ingest.sources.look import address_of

router = APIRouter(
    tags=["rights"], route_class=Guarded, dependencies=[*DOCUMENTED, Depends(require_operator)]
)
NEEDS_OPERATOR = "With accounts an admin may do that, else the operator."


def read_rights(library: Library, kb: str) -> Rights:
    """Blocking. Raises KnowledgeBaseNotFound and LibraryUnavailable."""
    limits = library.limits
    return Rights(
        kb=kb,
        groups=limits.of_knowledge_base(kb),
        addresses=tuple(
            AddressGroups(address=row.address, groups=row.groups) for row in limits.addresses(kb)
        ),
        documents=tuple(limits.documents(kb)),
    )


@router.get(
    "/rights",
    summary="What is limited to groups",
    description=f"In one knowledge base. {NEEDS_OPERATOR}",
    responses=not_found("knowledge base"),
)
def rights(library: LibraryDep, kb: KbDep) -> Rights:
    return read_rights(library, kb)


@router.put(
    "/rights",
    summary="Limit a knowledge base",
    description=f"To people in one of the groups; none: no limit. {NEEDS_OPERATOR}",
    responses=not_found("knowledge base"),
)
def limit_knowledge_base(body: GroupsIn, library: LibraryDep, kb: KbDep) -> Rights:
    library.limits.limit_knowledge_base(kb, body.groups)
    return read_rights(library, kb)


@router.put(
    "/rights/address",
    summary="Limit a source or folder",
    description="What is at the address or lies under it, now and later; it need not be registered. Of "
    f"several limits that apply to a document each has to be passed. {NEEDS_OPERATOR}",
    responses=not_found("knowledge base"),
)
def limit_address(body: AddressGroups, storage: StorageDep, kb: KbDep) -> Rights:
    storage.limit_address(kb, address_of(body.address), body.groups)
    return read_rights(storage.library, kb)


@router.put(
    "/documents/{document_id}/groups",
    summary="Limit a document",
    description="With what is enclosed in it. It outlives changes of the file, whose own `groups` (front "
    f"matter, metadata file) count besides. {NEEDS_OPERATOR}",
    responses=not_found("document"),
)
def limit_document(document_id: str, body: GroupsIn, storage: StorageDep, kb: KbDep) -> Rights:
    storage.limit_document(kb, document_id, body.groups)
    return read_rights(storage.library, kb)
