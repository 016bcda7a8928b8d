"""By which connection a line and a problem of nginx belong together; what the application logged; since when a text rests."""

import sqlalchemy as sa
from alembic import op

revision = "traffic_0005"
down_revision = "traffic_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("traffic_hits", sa.Column("pid", sa.BigInteger(), nullable=True))
    op.add_column("traffic_hits", sa.Column("connection", sa.BigInteger(), nullable=True))
    op.add_column("traffic_problems", sa.Column("connection", sa.BigInteger(), nullable=True))
    op.add_column(
        "traffic_problems", sa.Column("source", sa.String(12), server_default=sa.text("'nginx'"), nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_traffic_problems_source"), "traffic_problems", "source IN ('nginx', 'application')"
    )
    op.create_index(op.f("ix_traffic_problems_at"), "traffic_problems", ["at"])
    op.add_column("traffic_texts", sa.Column("seen", sa.Date(), server_default=sa.text("CURRENT_DATE"), nullable=False))


def downgrade() -> None:
    op.drop_column("traffic_texts", "seen")
    op.drop_index(op.f("ix_traffic_problems_at"), "traffic_problems")
    op.drop_constraint(op.f("ck_traffic_problems_source"), "traffic_problems")
    op.drop_column("traffic_problems", "source")
    op.drop_column("traffic_problems", "connection")
    op.drop_column("traffic_hits", "connection")
    op.drop_column("traffic_hits", "pid")
