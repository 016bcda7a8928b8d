"""How many seconds of a request the databases took."""

import sqlalchemy as sa
from alembic import op

revision = "traffic_0007"
down_revision = "traffic_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("traffic_hits", sa.Column("database_time", sa.REAL(), nullable=True))


def downgrade() -> None:
    op.drop_column("traffic_hits", "database_time")
