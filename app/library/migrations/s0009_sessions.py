"""To schema 9: people have passwords, sessions, and links by which they choose a password."""

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """NULL: none was chosen yet."""
    moment = sa.DateTime(timezone=True)
    op.add_column("users", sa.Column("password", sa.String(200), nullable=True))
    for table in ("sessions", "sign_in_links"):
        op.create_table(
            table,
            sa.Column("digest", sa.String(64), primary_key=True),
            sa.Column("user_id", sa.String(36), nullable=False),
            sa.Column("ends_at", moment, nullable=False),
        )
        op.create_index(f"{table}_by_user", table, ["user_id"])
