"""To schema 12: people sign in by a provider, conversations are shared by link, and the database
itself keeps what was noted."""

import sqlalchemy as sa
from alembic.operations import Operations

_SQLITE = (
    "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'audit: rows are only added, and go by age'); END",
    "CREATE TRIGGER audit_kept BEFORE DELETE ON audit "
    "WHEN OLD.at >= coalesce("
    "(SELECT max(detail) FROM audit WHERE action = 'purged'), '') "
    "BEGIN SELECT RAISE(ABORT, 'audit: rows are only added, and go by age'); END",
)
_POSTGRES = (
    "CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'DELETE' THEN "
    "IF OLD.at < (SELECT max(detail) || '+00' FROM audit WHERE action = 'purged')\\:\\:timestamptz "
    "THEN RETURN OLD; END IF; END IF; "
    "RAISE EXCEPTION 'audit: rows are only added, and go by age'; END $$",
    "CREATE TRIGGER audit_guarded BEFORE UPDATE OR DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
)


def upgrade(op: Operations) -> None:
    """What was noted stays."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(255), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("user_id", sa.String(36), nullable=False),
    )
    op.create_index("identities_by_user", "identities", ["user_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(128), nullable=False),
        sa.Column("ends_at", moment, nullable=False),
    )
    op.create_table(
        "shared_conversations",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
    )
    op.create_index(
        "shared_conversations_by_digest", "shared_conversations", ["digest"], unique=True
    )
    purged = sa.text("action = 'purged'")
    op.create_index(
        "audit_purges", "audit", ["detail"], sqlite_where=purged, postgresql_where=purged
    )
    dialect = op.get_context().dialect.name
    for statement in _SQLITE if dialect == "sqlite" else _POSTGRES:
        op.execute(sa.text(statement))
