"""Files beside their documents, folders that are followed, and where in a file each stretch of text stands"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Until now a document was one file, and the other way round.
_FILES = """INSERT INTO files (collection_id, path, document_id, sha256, size)
    SELECT collection_id, path, id, sha256, size FROM documents"""


def upgrade() -> None:
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("anchors", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("authors", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("created", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("part", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("part_of", sa.String(16), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_documents_part_of_documents"), "documents", ["part_of"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index(batch_op.f("ix_documents_part_of"), ["part_of"], unique=False)
        batch_op.drop_constraint(batch_op.f("uq_documents_collection_id"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_documents_collection_id"), ["collection_id", "path", "part"])
    with op.batch_alter_table("citations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spot", sa.JSON(), nullable=True))
    with op.batch_alter_table("failures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("size", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("modified", sa.BigInteger(), nullable=True))
    _new_tables()
    op.execute(_FILES)


def _new_tables() -> None:
    op.create_table(
        "files",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("document_id", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=True),
        sa.Column("named", sa.Boolean(), server_default=sa.false(), nullable=False),
        _belongs_to("files", "collection_id", "collections"),
        _belongs_to("files", "document_id", "documents"),
        sa.PrimaryKeyConstraint("collection_id", "path", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_document_id"), "files", ["document_id"], unique=False)
    op.create_table(
        "folders",
        sa.Column("collection", sa.String(200), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("include", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("exclude", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("watched", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("synced", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("collection", "path", name=op.f("pk_folders")),
    )


def _belongs_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_table("folders")
    # Foreign keys are off while tables change: what belongs to documents goes by hand.
    op.execute("DELETE FROM documents WHERE part <> 1 OR id NOT IN (SELECT document_id FROM files)")
    op.execute("DELETE FROM chunks WHERE document_id NOT IN (SELECT id FROM documents)")
    op.execute("DELETE FROM document_tags WHERE document_id NOT IN (SELECT id FROM documents)")
    op.drop_table("files")
    with op.batch_alter_table("failures", schema=None) as batch_op:
        batch_op.drop_column("modified")
        batch_op.drop_column("size")
    with op.batch_alter_table("citations", schema=None) as batch_op:
        batch_op.drop_column("spot")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_documents_collection_id"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_documents_collection_id"), ["collection_id", "path"])
        batch_op.drop_index(batch_op.f("ix_documents_part_of"))
        batch_op.drop_constraint(batch_op.f("fk_documents_part_of_documents"), type_="foreignkey")
        for column in ("part_of", "part", "created", "authors", "anchors"):
            batch_op.drop_column(column)
