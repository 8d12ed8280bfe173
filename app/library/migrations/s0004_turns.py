"""To schema 4: turns have ids, versions and a state; what is deleted can come back; knowledge
bases have a title."""

from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """A turn of before becomes the only version in its place, asked after the one before it."""
    op.create_table(
        "turns",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("parent_id", sa.String(36), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("turns_by_conversation", "turns", ["conversation_id", "position"])
    op.create_index("turns_by_parent", "turns", ["parent_id"])
    op.add_column("conversations", sa.Column("head_id", sa.String(36), nullable=True))
    for table in ("conversations", "documents", "sources"):
        op.add_column(table, sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("knowledge_bases", sa.Column("title", sa.String(200), nullable=True))

    connection = op.get_bind()
    places = connection.execute(
        sa.text(
            "SELECT conversation_id, position FROM conversation_turns"
            " ORDER BY conversation_id, position"
        )
    ).all()
    before: tuple[str, str] | None = None  # conversation and turn
    for conversation, position in places:
        identifier = str(uuid5(NAMESPACE_URL, f"{conversation}/{position}"))
        parent = before[1] if before is not None and before[0] == conversation else None
        connection.execute(
            sa.text(
                "INSERT INTO turns (id, conversation_id, parent_id, position, question, status,"
                " answer, created_at, finished_at)"
                " SELECT :id, conversation_id, :parent, position, question, 'done', answer,"
                " created_at, created_at FROM conversation_turns"
                " WHERE conversation_id = :conversation AND position = :position"
            ),
            {
                "id": identifier,
                "parent": parent,
                "conversation": conversation,
                "position": position,
            },
        )
        connection.execute(
            sa.text("UPDATE conversations SET head_id = :id WHERE id = :conversation"),
            {"id": identifier, "conversation": conversation},
        )
        before = (conversation, identifier)
    op.drop_table("conversation_turns")
