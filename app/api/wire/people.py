"""People and what they may do."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints

from app.api.wire.base import KB_PATTERN, Wire
from app.library.audit import Action
from app.library.people import GroupRow, KeyRow, Person, Role, Scope


class Me(Wire):
    name: str
    accounts: bool = Field(
        description="There are people with rights of their own; else all may all."
    )
    role: Role
    roles: dict[str, Role] = Field(description="Other roles, in single knowledge bases.")
    groups: tuple[str, ...]
    scopes: tuple[Scope, ...] = Field(description="What the key in use leaves of that.")
    knowledge_bases: tuple[str, ...] | None = Field(
        description="Those that the key in use is for; null: all."
    )
    operator: bool = Field(description="May manage people, sources and the library's upkeep.")
    signed_in: Literal["here", "proxy"] | None = Field(
        description="By a session of this server's, or by a proxy in front of it; null: by a key, or "
        "not at all."
    )
    has_password: bool = Field(description="One of this server's, which can be changed.")


# Of a person, a group or a key: one line of text.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
KbNamed = Annotated[str, StringConstraints(pattern=KB_PATTERN)]


class NewPerson(Wire):
    name: Name
    role: Role = "reader"
    groups: tuple[Name, ...] = Field((), max_length=1_000)


class PersonChange(Wire):
    """Only what is sent is changed."""

    role: Role | None = None
    groups: tuple[Name, ...] | None = Field(None, max_length=1_000)
    enabled: bool | None = None
    roles: dict[KbNamed, Role | None] = Field({}, description="Null: the person's own role again.")


class SignIn(Wire):
    name: Name
    password: SecretStr = Field(max_length=1_000)


class NewPassword(Wire):
    link: SecretStr = Field(max_length=200, description="The secret of a one-time link.")
    password: SecretStr = Field(min_length=10, max_length=1_000)


class Actions(Wire):
    """Which of what was noted."""

    actions: tuple[Action, ...] = ()


class NewKey(Wire):
    name: Name
    scopes: tuple[Scope, ...] = Field(("ask", "read"), min_length=1)
    knowledge_bases: tuple[KbNamed, ...] | None = Field(None, description="Null: all.")
    days: int | None = Field(None, ge=1, le=3_650, description="Until it ends; null: never.")


class PersonBody(Wire):
    id: str
    name: str
    role: Role
    roles: dict[str, Role] = Field(description="Other roles, in single knowledge bases.")
    groups: tuple[str, ...]
    enabled: bool = Field(description="Who is not can do nothing.")
    has_password: bool = Field(description="False: none was chosen yet.")
    provider: str = Field(
        description="Where else he is known: an OpenID Connect issuer, or `proxy`; empty: nowhere."
    )
    created_at: datetime

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            id=person.id,
            name=person.name,
            role=person.role,
            roles=dict(person.roles),
            groups=tuple(sorted(person.groups)),
            enabled=person.enabled,
            has_password=person.has_password,
            provider=person.provider,
            created_at=person.created_at,
        )


class PeopleList(Wire):
    people: tuple[PersonBody, ...] = Field(description="By name.")


class GroupBody(Wire):
    name: str
    people: tuple[str, ...] = Field(
        description="Names of those in it; none: something is limited to it, and nobody can read that."
    )

    @classmethod
    def of(cls, row: GroupRow) -> Self:
        return cls(name=row.name, people=row.people)


class GroupList(Wire):
    groups: tuple[GroupBody, ...] = Field(description="By name.")


class Link(Wire):
    """A one-time link."""

    link: str = Field(description="Where a password is chosen, once; shown now only.")
    ends_at: datetime


class KeyBody(Wire):
    id: str
    name: str
    scopes: tuple[Scope, ...]
    knowledge_bases: tuple[str, ...] | None = Field(description="Null: all.")
    created_at: datetime
    ends_at: datetime | None = Field(description="Null: when it is revoked.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: KeyRow, **more: str) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            scopes=tuple(sorted(row.scopes)),
            knowledge_bases=None if row.kbs is None else tuple(sorted(row.kbs)),
            created_at=row.created_at,
            ends_at=row.ends_at,
            revoked_at=row.revoked_at,
            **more,
        )


class KeyList(Wire):
    keys: tuple[KeyBody, ...] = Field(description="The oldest first, revoked ones too.")


class MadeKey(KeyBody):
    key: str = Field(description="The key itself: shown now only, kept as a hash.")


class PasswordChange(Wire):
    old: SecretStr = Field(max_length=1_000)
    new: SecretStr = Field(min_length=10, max_length=1_000)
