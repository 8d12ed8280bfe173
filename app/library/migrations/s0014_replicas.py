"""To schema 14: answers that are being made are followed and stopped at any server, and the database
refuses to put another row in the place of one that was noted."""

import sqlalchemy as sa
from alembic.operations import Operations

# PostgreSQL's guard sees it as an UPDATE.
_SQLITE = (
    "CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit "
    "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'audit: rows are only added, and go by age'); END"
)


def upgrade(op: Operations) -> None:
    """Nothing was before."""
    op.create_table(
        "answers_under_way",
        sa.Column("turn_id", sa.String(36), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "answer_events",
        sa.Column("turn_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(sa.text(_SQLITE))
