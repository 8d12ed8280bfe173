"""To schema 3: jobs count the processes that died over them."""

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """0: none has, as far as anybody knows."""
    op.add_column("jobs", sa.Column("tries", sa.BigInteger(), nullable=False, server_default="0"))
