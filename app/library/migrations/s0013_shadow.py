"""To schema 13: tests of another model or other settings beside the answers that people get."""

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Nothing was before."""
    op.create_table(
        "shadow_tests",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("chat", sa.Text(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "shadow_pairs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("test_id", sa.String(36), nullable=False),
        sa.Column("kb", sa.String(40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("other", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("shadow_pairs_by_test", "shadow_pairs", ["test_id", "created_at"])
