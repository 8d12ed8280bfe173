"""To schema 10: owners write answers of their own."""

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """There are none yet."""
    op.create_table(
        "curated_answers",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kb", sa.String(40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("quotes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("curated_answers_by_kb", "curated_answers", ["kb"])
