"""Tallies of each day, from which long ranges are told; pages of visits; the lines in the order of time."""

import sqlalchemy as sa
from alembic import op

revision = "traffic_0004"
down_revision = "traffic_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "traffic_tallies",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Numeric(30, 0), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("pages", "errors", "s2", "s3", "s4", "s5")),
        sa.PrimaryKeyConstraint("day", "kind", "key", name=op.f("pk_traffic_tallies")),
        postgresql_partition_by="RANGE (day)",
    )
    op.add_column("traffic_visits", sa.Column("pages", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index(op.f("ix_traffic_hits_at"), "traffic_hits", ["at"])
    op.execute("UPDATE traffic_book SET derived = false WHERE hits > 0")  # the collector makes the tallies of all days


def downgrade() -> None:
    op.drop_index(op.f("ix_traffic_hits_at"), "traffic_hits")
    op.drop_column("traffic_visits", "pages")
    op.drop_table("traffic_tallies")
    op.execute("DELETE FROM traffic_parts WHERE parent = 'traffic_tallies'")
