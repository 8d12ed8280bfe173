"""Query parameters that several addresses share."""

from typing import Annotated

from fastapi import Query

Kb = Annotated[
    str | None,
    Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="Unset: the default one."),
]
