"""Who may use the library: people, the groups they are in, their roles, and their API keys.

A group is a name, as an identity provider's claim has it: it is there when somebody is in it.

Over 350 lines: who somebody is, by name, by key or by what a provider calls him, is one question.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import uuid4

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from app.errors import KeyNotFound, PersonExists, PersonNotFound
from app.library.database import reading, repeated, writing
from app.library.tables import (
    AddressLimit,
    ApiKey,
    Conversation,
    Document,
    Identity,
    KbRole,
    KnowledgeBase,
    Membership,
    SharedConversation,
    SignedIn,
    SignInLink,
    User,
    now,
)

# What each may do, the next one more: ask and read; change documents; all.
Role = Literal["reader", "editor", "admin"]
Scope = Literal["ask", "read", "write", "admin"]
SCOPES: Final[Mapping[Role, frozenset[Scope]]] = {
    "reader": frozenset({"ask", "read"}),
    "editor": frozenset({"ask", "read", "write"}),
    "admin": frozenset({"ask", "read", "write", "admin"}),
}
# So that a key is known for what it is where it was pasted by mistake.
KEY_PREFIX: Final = "gkb_"


@dataclass(frozen=True)
class Person:
    """`roles` are those in single knowledge bases, instead of `role`. `has_password`: has chosen one;
    `provider`: where else than here he is known, an issuer's address or `proxy`, '' for nowhere."""

    id: str
    name: str
    role: Role
    roles: Mapping[str, Role]
    groups: frozenset[str]
    enabled: bool
    created_at: datetime
    has_password: bool = False
    provider: str = ""


@dataclass(frozen=True)
class GroupRow:
    """A group and the names of those in it; nobody: something is limited to it all the same."""

    name: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class KeyRow:
    """`kbs` None: of all knowledge bases. `ends_at` None: until it is revoked."""

    id: str
    user_id: str
    name: str
    scopes: frozenset[Scope]
    kbs: frozenset[str] | None
    created_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, moment: datetime) -> bool:
        """It opens anything at that moment."""
        return self.revoked_at is None and (self.ends_at is None or moment < self.ends_at)


class People:
    """Names are as people write them, up to 100 characters. Methods are safe to call from several
    threads and processes, and raise LibraryUnavailable; those that name a person PersonNotFound."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- people -------------------------------------------------------------------------

    @repeated
    def add(self, name: str, role: Role = "reader", groups: Collection[str] = ()) -> Person:
        """Raises PersonExists."""
        with writing(self._engine) as session:
            if session.scalar(select(User.id).where(User.name == name)) is not None:
                raise PersonExists(name=name)
            user = new_user(session, name, role)
            _put_groups(session, user, groups)
            return person_of(session, user)

    def get(self, name: str) -> Person:
        """By name."""
        with reading(self._engine) as session:
            return person_of(session, _named(session, name))

    def by_id(self, person_id: str) -> Person:
        """Raises PersonNotFound."""
        with reading(self._engine) as session:
            user = session.get(User, person_id)
            if user is None:
                raise PersonNotFound(name=person_id)
            return person_of(session, user)

    def groups(self) -> list[GroupRow]:
        """All that somebody is in or that something is limited to, by name."""
        found: dict[str, list[str]] = {}
        with reading(self._engine) as session:
            limits = [
                *session.scalars(select(KnowledgeBase.access).where(KnowledgeBase.access != "")),
                *session.scalars(select(Document.access).where(Document.access != "").distinct()),
            ]
            for limit in limits:
                for group in (group for some in json.loads(limit) for group in some):
                    found.setdefault(group, [])
            for groups in session.scalars(select(AddressLimit.groups)):
                for group in groups:
                    found.setdefault(group, [])
            members = select(Membership.group_name, User.name).join(
                User, User.id == Membership.user_id
            )
            for group, name in session.execute(members.order_by(User.name)):
                found.setdefault(group, []).append(name)
        return [GroupRow(name, tuple(found[name])) for name in sorted(found)]

    @repeated
    def known_as(
        self,
        issuer: str,
        subject: str,
        name: str,
        *,
        role: Role | None = None,
        groups: frozenset[str] | None = None,
        first_role: Role = "reader",
        takes_over: bool = False,
    ) -> Person:
        """Who that is whom a provider or proxy knows by `subject`: made if he is not there, with
        `first_role` and a name that nobody has. `role` and `groups`: what the provider says of
        them now; None: they are decided here. `takes_over`: he is the person of that name whom
        somebody added and who has no other way to come in."""
        at = (issuer[:255], subject[:255])
        with reading(self._engine) as session:
            known = session.get(Identity, at)
            user = session.get(User, known.user_id) if known is not None else None
            if user is not None:
                person = person_of(session, user)
                if role in (None, person.role) and groups in (None, person.groups):
                    return person
        with writing(self._engine) as session:
            known = session.get(Identity, at)
            user = session.get(User, known.user_id) if known is not None else None
            if user is None:
                user = _waiting(session, name) if takes_over else None
                if user is None:
                    user = new_user(session, _free_name(session, name), role or first_role)
                session.execute(
                    delete(Identity).where(Identity.issuer == at[0], Identity.subject == at[1])
                )
                session.add(Identity(issuer=at[0], subject=at[1], user_id=user.id))
                session.flush()
            if role is not None:
                user.role = role
            if groups is not None:
                _put_groups(session, user, groups)
            session.flush()
            return person_of(session, user)

    def all(self) -> list[Person]:
        """By name."""
        with reading(self._engine) as session:
            users = session.scalars(select(User).order_by(User.name))
            return [person_of(session, user) for user in users]

    @repeated
    def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        groups: Collection[str] | None = None,
        enabled: bool | None = None,
        roles: Mapping[str, Role | None] | None = None,
    ) -> Person:
        """Set what is given; `roles`: by knowledge base, None for the person's own role again. One
        who is not `enabled` can do nothing, at once."""
        with writing(self._engine) as session:
            user = _named(session, name)
            user.role = user.role if role is None else role
            user.enabled = user.enabled if enabled is None else enabled
            if groups is not None:
                _put_groups(session, user, groups)
            for kb, other in (roles or {}).items():
                session.execute(delete(KbRole).where(KbRole.kb == kb, KbRole.user_id == user.id))
                if other is not None:
                    session.add(KbRole(kb=kb, user_id=user.id, role=other))
            session.flush()
            return person_of(session, user)

    @repeated
    def remove(self, name: str) -> None:
        """With keys, memberships and links to what he shared, for good."""
        with writing(self._engine) as session:
            user = _named(session, name)
            his = select(Conversation.id).where(Conversation.owner == user.id)
            shared = SharedConversation.conversation_id.in_(his)
            session.execute(delete(SharedConversation).where(shared))
            for table in (ApiKey, Identity, KbRole, Membership, SignedIn, SignInLink):
                session.execute(delete(table).where(table.user_id == user.id))
            session.delete(user)

    # --- keys ---------------------------------------------------------------------------

    @repeated
    def add_key(
        self,
        person: str,
        name: str,
        scopes: Collection[Scope],
        kbs: Collection[str] | None = None,
        ends_at: datetime | None = None,
    ) -> tuple[KeyRow, str]:
        """A new key of a person, and the key itself: it is kept nowhere."""
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        with writing(self._engine) as session:
            row = ApiKey(
                id=str(uuid4()),
                user_id=_named(session, person).id,
                name=name,
                digest=digest_of(key.encode()),
                scopes=sorted(scopes),
                kbs=None if kbs is None else sorted(kbs),
                created_at=now(),
                ends_at=ends_at,
            )
            session.add(row)
            session.flush()
            return _key(row), key

    def keys(self, person: str) -> list[KeyRow]:
        """All that a person ever had, the oldest first."""
        with reading(self._engine) as session:
            of_person = select(ApiKey).where(ApiKey.user_id == _named(session, person).id)
            return [_key(row) for row in session.scalars(of_person.order_by(ApiKey.created_at))]

    @repeated
    def revoke_key(self, key_id: str, of: str | None = None) -> KeyRow:
        """At once, and for good; `of`: the id of the person whose it has to be. Raises KeyNotFound."""
        with writing(self._engine) as session:
            row = session.get(ApiKey, key_id)
            if row is None or of not in (None, row.user_id):
                raise KeyNotFound(key=key_id)
            row.revoked_at = row.revoked_at or now()
            return _key(row)

    def holder(self, sent: bytes) -> tuple[Person, KeyRow] | None:
        """Whose key was sent; None for one that is unknown, has ended, was revoked, or is that of
        somebody who is not enabled. What is compared is a hash: how long that takes tells nothing."""
        with reading(self._engine) as session:
            row = session.scalar(select(ApiKey).where(ApiKey.digest == digest_of(sent)))
            user = session.get(User, row.user_id) if row is not None else None
            if row is None or user is None or not user.enabled or not _key(row).is_good(now()):
                return None
            return person_of(session, user), _key(row)


def digest_of(secret: bytes) -> str:
    """What is kept of a key, a session or a link. They are 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(secret).hexdigest()


def new_user(session: Session, name: str, role: Role) -> User:
    """The row of somebody new, in no group; that nobody has the name is for the caller to know."""
    user = User(id=str(uuid4()), name=name, role=role, enabled=True, created_at=now())
    session.add(user)
    session.flush()
    return user


def _named(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise PersonNotFound(name=name)
    return user


def _waiting(session: Session, name: str) -> User | None:
    """Somebody of that name who was added and has not come in by any way."""
    user = session.scalar(select(User).where(User.name == name, User.password.is_(None)))
    if user is None:
        return None
    for table in (Identity, ApiKey):
        if session.scalar(select(table.user_id).where(table.user_id == user.id).limit(1)):
            return None
    return user


def _free_name(session: Session, name: str) -> str:
    """That name, or with a number behind it if somebody has it."""
    wanted = " ".join("".join(c for c in name if c.isprintable()).split())[:90] or "?"
    free, number = wanted, 1
    while session.scalar(select(User.id).where(User.name == free)) is not None:
        number += 1
        free = f"{wanted} ({number})"
    return free


def _put_groups(session: Session, user: User, groups: Collection[str]) -> None:
    session.execute(delete(Membership).where(Membership.user_id == user.id))
    session.add_all(Membership(user_id=user.id, group_name=group) for group in set(groups))


def person_of(session: Session, user: User) -> Person:
    """As the rows of his have it."""
    groups = session.scalars(select(Membership.group_name).where(Membership.user_id == user.id))
    roles: Sequence[KbRole] = session.scalars(
        select(KbRole).where(KbRole.user_id == user.id).order_by(KbRole.kb)
    ).all()
    issuer = session.scalar(select(Identity.issuer).where(Identity.user_id == user.id).limit(1))
    return Person(
        id=user.id,
        name=user.name,
        role=user.role,  # type: ignore[arg-type]  # the column holds nothing else
        roles={row.kb: row.role for row in roles},  # type: ignore[misc]
        groups=frozenset(groups),
        enabled=user.enabled,
        created_at=user.created_at,
        has_password=user.password is not None,
        provider=issuer or "",
    )


def _key(row: ApiKey) -> KeyRow:
    return KeyRow(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        scopes=frozenset(row.scopes),  # type: ignore[arg-type]
        kbs=None if row.kbs is None else frozenset(row.kbs),
        created_at=row.created_at,
        ends_at=row.ends_at,
        revoked_at=row.revoked_at,
    )
