"""GET /me: who the server takes the caller for."""

from fastapi import APIRouter

from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import CallerDep, ServiceDep
from app.api.wire.base import FAILURES
from app.api.wire.people import Me

router = APIRouter(tags=["people"], route_class=Guarded, dependencies=DOCUMENTED)


@router.get(
    "/me",
    summary="Who calls",
    description="And what he may do. Without accounts: the one local user, who may do all.",
    responses=FAILURES,
)
async def me(caller: CallerDep, service: ServiceDep) -> Me:
    return Me(
        name=caller.name,
        accounts=service.settings.accounts,
        role=caller.role,
        roles=dict(caller.roles),
        groups=tuple(sorted(caller.groups)),
        scopes=tuple(sorted(caller.scopes)),
        knowledge_bases=None if caller.kbs is None else tuple(sorted(caller.kbs)),
        operator=caller.operator,
        signed_in=caller.signed_in,
        has_password=caller.has_password,
    )
