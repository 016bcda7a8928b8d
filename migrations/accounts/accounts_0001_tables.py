"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0001"
down_revision = None
branch_labels = ("accounts",)
depends_on = None


def upgrade() -> None:
    roles = op.create_table(
        "accounts_roles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_roles")),
        sa.UniqueConstraint("name", name="uq_accounts_roles_name"),
    )
    op.bulk_insert(
        roles,
        [
            {"name": "owner", "description": "Everything, the company profile and the administration included"},
            {"name": "staff", "description": "The daily work: reads and writes what the rooms grant"},
            {"name": "viewer", "description": "Reads what the rooms grant"},
        ],
    )
    op.create_table(
        "accounts_users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=5), server_default=sa.text("''"), nullable=False),
        sa.Column("theme", sa.String(length=10), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_accounts_users_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_users")),
        sa.UniqueConstraint("email", name="uq_accounts_users_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_accounts_users_fs_uniquifier"),
    )
    op.create_table(
        "accounts_user_roles",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["accounts_roles.id"],
            name=op.f("fk_accounts_user_roles_role_id_accounts_roles"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_users.id"],
            name=op.f("fk_accounts_user_roles_user_id_accounts_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_accounts_user_roles")),
    )


def downgrade() -> None:
    op.drop_table("accounts_user_roles")
    op.drop_table("accounts_users")
    op.drop_table("accounts_roles")
