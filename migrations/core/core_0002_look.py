"""How the public site is set in type, and whether it is closed to visitors."""

import sqlalchemy as sa
from alembic import op

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, standard in (("type_scale", "generous"), ("heading_font", "sans"), ("text_font", "sans")):
        op.add_column(
            "core_company",
            sa.Column(name, sa.String(length=20), server_default=sa.text(f"'{standard}'"), nullable=False),
        )
    op.add_column("core_company", sa.Column("closed_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("core_company", sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "core_company", sa.Column("closed_words", sa.String(length=500), server_default=sa.text("''"), nullable=False)
    )


def downgrade() -> None:
    for name in ("closed_words", "closed_until", "closed_since", "text_font", "heading_font", "type_scale"):
        op.drop_column("core_company", name)
