"""The ladder of schemas: what each release changed in the database, one small module a step.

Schema 1 is that of groundkb 0.1.0. `STEPS[0]` leads from 1 to 2, and so on. A step is made of
Alembic's operations, in a way that SQLite (`op.batch_alter_table`) and PostgreSQL both carry
out; it says itself what it needs to know of tables, since `app.library.tables` are those of
the last schema. A step that was released is never changed: a mistake in it is another step.
docs/upgrading.md tells how to add one.
"""

from collections.abc import Callable
from typing import Final

from alembic.operations import Operations

from app.library.migrations import (
    s0002_document_notes,
    s0003_job_tries,
    s0004_turns,
    s0005_turn_filters,
    s0006_people,
    s0007_folder,
    s0008_rights,
    s0009_sessions,
    s0010_curated_answers,
    s0011_audit,
    s0012_doors,
    s0013_shadow,
    s0014_replicas,
)

Step = Callable[[Operations], None]

STEPS: Final[tuple[Step, ...]] = (
    s0002_document_notes.upgrade,
    s0003_job_tries.upgrade,
    s0004_turns.upgrade,
    s0005_turn_filters.upgrade,
    s0006_people.upgrade,
    s0007_folder.upgrade,
    s0008_rights.upgrade,
    s0009_sessions.upgrade,
    s0010_curated_answers.upgrade,
    s0011_audit.upgrade,
    s0012_doors.upgrade,
    s0013_shadow.upgrade,
    s0014_replicas.upgrade,
)
FIRST_SCHEMA: Final = 1
SCHEMA_VERSION: Final = FIRST_SCHEMA + len(STEPS)
