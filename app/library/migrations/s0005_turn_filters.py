"""To schema 5: a turn keeps what it was asked about."""

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """NULL: nobody noted it."""
    op.add_column("turns", sa.Column("filter", sa.JSON(none_as_null=True), nullable=True))
