"""The table of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "installed_0001"
down_revision = None
branch_labels = ("installed",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installed_settings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("short_names", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("shortcuts", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installed_settings_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installed_settings")),
    )


def downgrade() -> None:
    op.drop_table("installed_settings")
