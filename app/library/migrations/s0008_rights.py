"""To schema 8: documents may be limited to groups; what somebody asked, judged and uploaded is his."""

import json

import sqlalchemy as sa
from alembic.operations import Operations

_NAMES = ("groups", "access")


def upgrade(op: Operations) -> None:
    """Limited is what front matter and metadata files say is. What was there before there were
    people is nobody's: its owner is NULL."""
    for table in ("documents", "knowledge_bases"):
        op.add_column(table, sa.Column("access", sa.Text(), nullable=False, server_default=""))
    op.add_column("documents", sa.Column("own_groups", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(
        "documents_limited",
        "documents",
        ["kb", "access"],
        sqlite_where=sa.text("access <> ''"),
        postgresql_where=sa.text("access <> ''"),
    )
    op.create_table(
        "address_limits",
        sa.Column("kb", sa.String(40), primary_key=True),
        sa.Column("address", sa.Text(), primary_key=True),
        sa.Column("groups", sa.JSON(), nullable=False),
    )
    for table in ("conversations", "feedback", "jobs"):
        op.add_column(table, sa.Column("owner", sa.String(36), nullable=True))

    connection = op.get_bind()
    documents = sa.table(
        "documents",
        sa.column("kb", sa.String),
        sa.column("id", sa.String),
        sa.column("source", sa.Text),
        sa.column("properties", sa.JSON),
        sa.column("access", sa.Text),
    )
    own = sa.table(
        "own_properties",
        sa.column("kb", sa.String),
        sa.column("document_id", sa.String),
        sa.column("properties", sa.JSON),
    )
    limits: dict[tuple[str, str], list[list[str]]] = {}
    for row in connection.execute(sa.select(own)):
        limits.setdefault((row.kb, row.document_id), []).extend(_said(row.properties))
    rows = connection.execute(
        sa.select(
            documents.c.kb, documents.c.id, documents.c.source, documents.c.properties
        ).order_by(documents.c.source)
    ).all()
    of_source: dict[tuple[str, str], list[list[str]]] = {}
    for row in rows:
        found = limits.get((row.kb, row.id), []) + _said(row.properties)
        if found:
            of_source[row.kb, row.source] = found
    for row in rows:
        # What is enclosed in a mail is under the mail's limits: its address begins with the mail's.
        parts = row.source.split("//!/")
        outer = ["//!/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        found = [limit for source in outer for limit in of_source.get((row.kb, source), [])]
        if found:
            text = json.dumps(
                sorted(list(each) for each in {tuple(limit) for limit in found}),
                ensure_ascii=False,
            )
            connection.execute(
                sa.update(documents)
                .where(documents.c.kb == row.kb, documents.c.id == row.id)
                .values(access=text)
            )


def _said(properties: object) -> list[list[str]]:
    found = []
    for name, value in properties.items() if isinstance(properties, dict) else ():
        if name.casefold() in _NAMES:
            marks = str.maketrans("，、;；", ",,,,")
            listed = value.translate(marks).split(",") if isinstance(value, str) else value
            found.append(sorted({group.strip() for group in listed if group.strip()}))
    return [groups for groups in found if groups]
