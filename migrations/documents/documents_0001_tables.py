"""The table of the room, unless the notebooks room has handed it over with its rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "documents_0001"
down_revision = None
branch_labels = ("documents",)
depends_on = None


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("documents_runs"):
        return
    op.create_table(
        "documents_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notebook_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column(
            "parameters", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("words", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("file", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('run', 'rendering')", name=op.f("ck_documents_runs_kind")),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_documents_runs_state")),
        sa.ForeignKeyConstraint(
            ["notebook_id"],
            ["notebooks_notebooks.id"],
            name=op.f("fk_documents_runs_notebook_id_notebooks_notebooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_runs")),
    )
    op.create_index("ix_documents_runs_notebook_id_id", "documents_runs", ["notebook_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("documents_runs")
