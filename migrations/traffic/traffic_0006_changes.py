"""Which records a request changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "traffic_0006"
down_revision = "traffic_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "traffic_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("record", sa.String(63), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("fields", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("action IN ('made', 'changed', 'deleted')", name=op.f("ck_traffic_changes_action")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_changes")),
    )
    op.create_index(op.f("ix_traffic_changes_at"), "traffic_changes", ["at"])
    op.create_index(op.f("ix_traffic_changes_request_id"), "traffic_changes", ["request_id"])


def downgrade() -> None:
    op.drop_table("traffic_changes")
