"""Whether a found link stands in a draft."""

import sqlalchemy as sa
from alembic import op

revision = "editorial_0004"
down_revision = "editorial_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("editorial_links", sa.Column("draft", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("editorial_links", "draft")
