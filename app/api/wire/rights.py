"""What is limited to groups."""

from pydantic import Field

from app.api.wire.base import Wire
from app.api.wire.people import Name
from app.library.limits import LimitedDocument


class GroupsIn(Wire):
    groups: tuple[Name, ...] = Field(max_length=1_000, description="None: no limit.")


class AddressGroups(GroupsIn):
    address: str = Field(
        min_length=1,
        max_length=2_000,
        description="A folder's path or URI, a web address, that of a store.",
        examples=["file:///library/board", "upload://"],
    )


class Rights(Wire):
    kb: str
    groups: tuple[str, ...] = Field(description="Of the knowledge base; none: whoever may call.")
    addresses: tuple[AddressGroups, ...]
    documents: tuple[LimitedDocument, ...] = Field(description="Those with any limit.")
