"""The database itself keeps what is noted: nothing of `audit` is changed, and nothing goes but by age.

A row may go once an entry `purged` says, in `detail`, a moment after it. So whoever takes rows away
by hand leaves an entry that says so, unless he also takes the guard away.
"""

from collections.abc import Mapping, Sequence
from typing import Final

# By the database's name in SQLAlchemy.
GUARDS: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": (
        "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit: rows are only added, and go by age'); END",
        "CREATE TRIGGER audit_kept BEFORE DELETE ON audit "
        "WHEN OLD.at >= coalesce("
        "(SELECT max(detail) FROM audit WHERE action = 'purged'), '') "
        "BEGIN SELECT RAISE(ABORT, 'audit: rows are only added, and go by age'); END",
        # What INSERT OR REPLACE takes away SQLite tells no trigger of.
        "CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit "
        "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'audit: rows are only added, and go by age'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' THEN "
        "IF OLD.at < (SELECT max(detail) || '+00' FROM audit WHERE action = 'purged')::timestamptz "
        "THEN RETURN OLD; END IF; END IF; "
        "RAISE EXCEPTION 'audit: rows are only added, and go by age'; END $$",
        "CREATE TRIGGER audit_guarded BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_guard()",
        "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
    ),
}


def moment(text: str) -> str:
    """A time in ISO 8601, UTC, as SQLite keeps times, so that texts compare as times do."""
    return text.replace("T", " ").removesuffix("+00:00")
