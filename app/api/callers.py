"""Who may call: the operator, a key of the settings, or a person, and what each may do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from app.api.needs import Need
from app.library.people import SCOPES, KeyRow, Person, Role, Scope
from app.library.sight import Sight

# By a session of this server's, or by a proxy that signs people in.
SignedIn = Literal["here", "proxy"]
PROXY: Final = "proxy"  # the issuer of those whom a proxy names


@dataclass(frozen=True)
class Caller:
    """Who a request comes from. `name` is for people to read, in logs too; it is no secret.

    `id` is whose conversations and uploads he sees: a person's, or that of a key of the settings
    where there are accounts; None: nobody in particular, to whom belongs what is no person's.
    `scopes` and `kbs` (None: all) are what his key leaves of his rights.
    """

    name: str
    id: str | None = None
    role: Role = "admin"
    roles: Mapping[str, Role] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    scopes: frozenset[Scope] = SCOPES["admin"]
    kbs: frozenset[str] | None = None
    operator: bool = False
    key: str | None = None
    signed_in: SignedIn | None = None
    has_password: bool = False

    def role_in(self, kb: str) -> Role:
        """The role that counts in a knowledge base."""
        return self.roles.get(kb, self.role)

    def may(self, need: Need, kb: str | None = None) -> bool:
        """Whether he may do that; in `kb`, or for None by his role everywhere."""
        if need == "operator":
            return self.operator
        if need == "person":
            return self.signed_in is not None
        if need == "all":
            return self.kbs is None and self.may("admin")
        if kb is not None and self.kbs is not None and kb not in self.kbs:
            return False
        return need in self.scopes and need in SCOPES[self.role if kb is None else self.role_in(kb)]


# Without accounts: who reaches the port, whoever has a key, and who runs the server.
LOCAL: Final = Caller("local")
KEYHOLDER: Final = Caller("key")
OPERATOR: Final = Caller("operator", operator=True)


def sight_of(who: Caller) -> Sight:
    """What of the library he sees."""
    return Sight(who.role == "admin", who.id, who.groups, who.kbs)


def of_person(
    person: Person, key: KeyRow | None = None, signed_in: SignedIn | None = None
) -> Caller:
    scopes = SCOPES["admin"] if key is None else key.scopes
    kbs = None if key is None else key.kbs
    return Caller(
        name=person.name,
        id=person.id,
        role=person.role,
        roles=person.roles,
        groups=person.groups,
        scopes=scopes,
        kbs=kbs,
        # A key for single knowledge bases is not one to the machine.
        operator=person.role == "admin" and "admin" in scopes and kbs is None,
        key=None if key is None else key.name,
        signed_in=signed_in,
        has_password=person.has_password,
    )


def of_settings_key(sent: bytes) -> Caller:
    """Where there are accounts, a key of the settings is a program's: in no group, with
    conversations of its own."""
    name = f"key-{hashlib.blake2b(sent, digest_size=8).hexdigest()}"
    return Caller(name, id=name, role="editor", scopes=SCOPES["editor"], key=name)
