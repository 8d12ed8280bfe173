"""What a job is to do, as it is kept."""

from typing import Literal

from app.library.stored.base import Stored


class StoredRequest(Stored):
    """Of an upload the `name` of its file; of a sync its `roots` and how it is to be done."""

    name: str = ""
    roots: tuple[str, ...] = ()
    allow_mass_delete: bool = False
    retire: bool = False
    engine: Literal["local", "ray"] | None = None
