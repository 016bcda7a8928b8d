"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "faults_0001"
down_revision = None
branch_labels = ("faults",)
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "faults_faults",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), server_default=sa.text("'open'"), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("returns", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by", sa.String(200), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'resolved', 'reopened')", name=op.f("ck_faults_faults_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faults_faults")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_faults_faults_fingerprint")),
    )
    op.create_table(
        "faults_occurrences",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("fault_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("request_id", sa.String(64), server_default=sa.text("''"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.String(20), server_default=sa.text("''"), nullable=False),
        sa.Column("route", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("task", sa.String(80), server_default=sa.text("''"), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["fault_id"], ["faults_faults.id"], name=op.f("fk_faults_occurrences_fault_id_faults_faults"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faults_occurrences")),
    )  # fmt: skip
    op.create_index("ix_faults_occurrences_fault_id_id", "faults_occurrences", ["fault_id", "id"])
    op.create_index(op.f("ix_faults_occurrences_request_id"), "faults_occurrences", ["request_id"])
    op.create_table(
        "faults_affected",
        sa.Column("fault_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fault_id"], ["faults_faults.id"], name=op.f("fk_faults_affected_fault_id_faults_faults"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("fault_id", "user_id", name=op.f("pk_faults_affected")),
    )  # fmt: skip
    op.create_index(op.f("ix_faults_affected_user_id"), "faults_affected", ["user_id"])


def downgrade() -> None:
    for name in ("affected", "occurrences", "faults"):
        op.drop_table(f"faults_{name}")
