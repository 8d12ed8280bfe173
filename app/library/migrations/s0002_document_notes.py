"""To schema 2: documents keep what their reader left out of the text."""

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """NULL: taken in before groundkb noted it."""
    op.add_column("documents", sa.Column("notes", sa.JSON(none_as_null=True), nullable=True))
