"""What the company says of itself, in English too."""

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("tagline_en", 300), ("about_en", 4000)):
        op.add_column(
            "core_company",
            sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False),
        )


def downgrade() -> None:
    for name in ("about_en", "tagline_en"):
        op.drop_column("core_company", name)
