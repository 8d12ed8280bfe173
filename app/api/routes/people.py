"""People, their groups and keys: for admins; and what everybody does with his own account."""

import asyncio
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Depends, Request

from app.api.auth import (
    DOCUMENTED,
    Guarded,
    caller_of,
    public_base,
    require_operator,
    session_cookie,
)
from app.api.dependencies import CallerDep, LibraryDep, ServiceDep
from app.api.routes.sign_in import LINK_LASTS, sign_in_link
from app.api.wire.base import FAILURES, ErrorBody, not_found
from app.api.wire.people import (
    GroupBody,
    GroupList,
    KeyBody,
    KeyList,
    Link,
    MadeKey,
    NewKey,
    NewPerson,
    PasswordChange,
    PeopleList,
    PersonBody,
    PersonChange,
)
from app.errors import OwnAccount, PasswordWrong, TooManyWrongKeys
from app.library.library import Library
from app.library.tables import now

router = APIRouter(
    tags=["people"], route_class=Guarded, dependencies=[*DOCUMENTED, Depends(require_operator)]
)
own = APIRouter(tags=["people"], route_class=Guarded, dependencies=DOCUMENTED)
NO_PERSON: Final = not_found("person")
OF_ADMINS: Final = "For admins."


def make_key(library: Library, person: str, new: NewKey) -> MadeKey:
    """A new key of the person of that name. Blocking. Raises PersonNotFound, KnowledgeBaseNotFound
    and LibraryUnavailable."""
    for kb in new.knowledge_bases or ():
        library.require_knowledge_base(kb)
    ends_at = None if new.days is None else now() + timedelta(days=new.days)
    row, key = library.people.add_key(person, new.name, new.scopes, new.knowledge_bases, ends_at)
    return MadeKey.of(row, key=key)


def change_person(library: Library, name: str, change: PersonChange) -> PersonBody:
    """Blocking. Raises PersonNotFound, KnowledgeBaseNotFound and LibraryUnavailable."""
    for kb, role in change.roles.items():
        if role is not None:
            library.require_knowledge_base(kb)
    return PersonBody.of(library.people.change(name, **dict(change)))


@router.get("/people", summary="Who there is", description=OF_ADMINS, responses=FAILURES)
def everybody(library: LibraryDep) -> PeopleList:
    return PeopleList(people=tuple(PersonBody.of(person) for person in library.people.all()))


@router.post(
    "/people",
    status_code=201,
    summary="Add a person",
    description=f"Who then chooses a password by a link. {OF_ADMINS}",
    responses={409: {"model": ErrorBody, "description": "The name is taken."}, **FAILURES},
)
def add(body: NewPerson, library: LibraryDep) -> PersonBody:
    return PersonBody.of(library.people.add(body.name, body.role, body.groups))


@router.patch(
    "/people/{person_id}",
    summary="Change role, groups, roles in single knowledge bases; switch off or on",
    description=f"Only what is sent is changed. Nobody takes his own rights. {OF_ADMINS}",
    responses={409: {"model": ErrorBody, "description": "It is oneself."}, **NO_PERSON},
)
def change(
    person_id: str, body: PersonChange, library: LibraryDep, caller: CallerDep
) -> PersonBody:
    person = library.people.by_id(person_id)
    if person.id == caller.id and (body.enabled is False or body.role not in (None, "admin")):
        raise OwnAccount
    return change_person(library, person.name, body)


@router.delete(
    "/people/{person_id}",
    status_code=204,
    summary="Remove a person",
    description=f"With keys and memberships, for good; documents stay. {OF_ADMINS}",
    responses={409: {"model": ErrorBody, "description": "It is oneself."}, **NO_PERSON},
)
def remove(person_id: str, library: LibraryDep, caller: CallerDep) -> None:
    person = library.people.by_id(person_id)
    if person.id == caller.id:
        raise OwnAccount
    library.people.remove(person.name)


@router.post(
    "/people/{person_id}/link",
    status_code=201,
    summary="A link to choose a password",
    description=f"An invitation, or a reset; earlier links of that person are no more. {OF_ADMINS}",
    responses=NO_PERSON,
)
def invite(person_id: str, request: Request, library: LibraryDep, service: ServiceDep) -> Link:
    person = library.people.by_id(person_id)
    secret = library.sessions.make_link(person.name, LINK_LASTS)
    link = sign_in_link(public_base(request, service.settings), secret)
    return Link(link=link, ends_at=now() + LINK_LASTS)


@router.get(
    "/people/{person_id}/keys",
    summary="A person's keys",
    description=OF_ADMINS,
    responses=NO_PERSON,
)
def keys_of(person_id: str, library: LibraryDep) -> KeyList:
    return _keys(library, library.people.by_id(person_id).name)


@router.post(
    "/people/{person_id}/keys",
    status_code=201,
    summary="Make a key for a person",
    description=f"It never may more than its person. {OF_ADMINS}",
    responses=NO_PERSON,
)
def add_key_for(person_id: str, body: NewKey, library: LibraryDep) -> MadeKey:
    return make_key(library, library.people.by_id(person_id).name, body)


@router.delete(
    "/people/{person_id}/keys/{key_id}",
    summary="Revoke a person's key",
    description=f"At once, and for good. {OF_ADMINS}",
    responses=not_found("key"),
)
def revoke_for(person_id: str, key_id: str, library: LibraryDep) -> KeyBody:
    return KeyBody.of(library.people.revoke_key(key_id, library.people.by_id(person_id).id))


@router.get(
    "/groups",
    summary="Groups",
    description="A group is a name: it is there when somebody is in it or something is limited to "
    f"it. {OF_ADMINS}",
    responses=FAILURES,
)
def groups(library: LibraryDep) -> GroupList:
    return GroupList(groups=tuple(GroupBody.of(row) for row in library.people.groups()))


@own.get("/me/keys", summary="One's own keys", responses=FAILURES)
def my_keys(library: LibraryDep, caller: CallerDep) -> KeyList:
    return _keys(library, caller.name)


@own.post(
    "/me/keys",
    status_code=201,
    summary="Make a key for oneself",
    description="For who is signed in: whoever has a key cannot make others by it.",
    responses=not_found("knowledge base"),
)
def make_my_key(body: NewKey, library: LibraryDep, caller: CallerDep) -> MadeKey:
    return make_key(library, caller.name, body)


@own.delete(
    "/me/keys/{key_id}",
    summary="Revoke one's own key",
    description="At once, and for good.",
    responses=not_found("key"),
)
def revoke_mine(key_id: str, library: LibraryDep, caller: CallerDep) -> KeyBody:
    return KeyBody.of(library.people.revoke_key(key_id, caller.id))


@own.post(
    "/me/password",
    status_code=204,
    summary="Change one's password",
    description="All other sessions end.",
    responses=FAILURES,
)
async def change_password(
    body: PasswordChange,
    request: Request,
    library: LibraryDep,
    service: ServiceDep,
    caller: CallerDep,
) -> None:
    address = caller_of(request)
    person = await asyncio.to_thread(library.people.get, caller.name)
    old, new = body.old.get_secret_value(), body.new.get_secret_value()
    kept = request.cookies.get(session_cookie(request, service.settings), "")
    async with service.hashing:
        if wait := max(service.wrong_keys.wait(address), service.wrong_names.wait(caller.name)):
            raise TooManyWrongKeys(seconds=wait)
        try:
            await asyncio.to_thread(library.sessions.change_password, person, old, new, kept)
        except PasswordWrong:
            service.wrong_keys.count(address)
            service.wrong_names.count(caller.name)
            raise


def _keys(library: Library, name: str) -> KeyList:
    return KeyList(keys=tuple(KeyBody.of(row) for row in library.people.keys(name)))
