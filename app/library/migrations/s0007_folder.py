"""To schema 7: a database knows the GROUNDKB_DATA that goes with it."""

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """NULL: the first folder that keeps an index of its own is the one."""
    op.add_column("meta", sa.Column("folder", sa.String(36), nullable=True))
