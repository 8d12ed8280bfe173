"""People and what they may do."""

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from app.api.wire.base import KB_PATTERN, Wire
from app.library.audit import Action
from app.library.people import Role, Scope


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
    operator: bool = Field(description="May manage sources and the library's upkeep.")


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
