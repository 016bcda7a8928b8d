"""Where the page of a found link is written, for pages of other rooms than the page tree."""

import sqlalchemy as sa
from alembic import op

revision = "editorial_0002"
down_revision = "editorial_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "editorial_links", sa.Column("edit", sa.String(length=600), server_default=sa.text("''"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("editorial_links", "edit")
