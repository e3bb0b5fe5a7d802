"""Messages stand in a tree, conversations are pinned, tagged and put into a bin, documents attached to one of them"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Until now a conversation was a list: each message followed the one before it, and the last was shown.
_FOLLOWS = """UPDATE messages SET parent_id = (SELECT before.id FROM messages AS before
    WHERE before.conversation_id = messages.conversation_id AND before.position = messages.position - 1)"""
_SHOWN = """UPDATE conversations SET shown_id = (SELECT last.id FROM messages AS last
    WHERE last.conversation_id = conversations.id ORDER BY last.position DESC LIMIT 1)"""


def upgrade() -> None:
    op.create_table(
        "conversation_tags",
        sa.Column("conversation_id", sa.String(16), nullable=False),
        sa.Column("tag", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_tags_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "tag", name=op.f("pk_conversation_tags")),
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shown_id", sa.String(16), nullable=True))
        batch_op.add_column(sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("deleted", sa.DateTime(), nullable=True))
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attached_to", sa.String(16), nullable=True))
        batch_op.create_index(batch_op.f("ix_documents_attached_to"), ["attached_to"], unique=False)
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.String(16), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_messages_parent_id_messages"), "messages", ["parent_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index(batch_op.f("ix_messages_parent_id"), ["parent_id"], unique=False)
    op.execute(_FOLLOWS)
    op.execute(_SHOWN)


def downgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_parent_id"))
        batch_op.drop_constraint(batch_op.f("fk_messages_parent_id_messages"), type_="foreignkey")
        batch_op.drop_column("parent_id")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_documents_attached_to"))
        batch_op.drop_column("attached_to")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("deleted")
        batch_op.drop_column("pinned")
        batch_op.drop_column("shown_id")
    op.drop_table("conversation_tags")
