"""Groups in a tree, roles given on them, what was decided for each role; rank, second factor and session limits of roles."""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0002"
down_revision = "accounts_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts_roles", sa.Column("rank", sa.BigInteger(), server_default=sa.text("10"), nullable=False))
    op.add_column(
        "accounts_roles", sa.Column("second_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("accounts_roles", sa.Column("idle_minutes", sa.BigInteger(), nullable=True))
    op.add_column("accounts_roles", sa.Column("absolute_hours", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_accounts_roles_rank"), "accounts_roles", "rank BETWEEN 0 AND 100")
    op.create_check_constraint(op.f("ck_accounts_roles_idle_minutes"), "accounts_roles", "idle_minutes > 0")
    op.create_check_constraint(op.f("ck_accounts_roles_absolute_hours"), "accounts_roles", "absolute_hours > 0")
    op.execute("UPDATE accounts_roles SET rank = CASE name WHEN 'owner' THEN 100 WHEN 'staff' THEN 50 ELSE 10 END")
    op.create_table(
        "accounts_groups",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_accounts_groups_parent")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["accounts_groups.id"],
            name=op.f("fk_accounts_groups_parent_id_accounts_groups"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_groups")),
        sa.UniqueConstraint("name", name="uq_accounts_groups_name"),
    )
    op.create_index(op.f("ix_accounts_groups_parent_id"), "accounts_groups", ["parent_id"])
    op.create_table(
        "accounts_memberships",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["accounts_groups.id"],
            name=op.f("fk_accounts_memberships_group_id_accounts_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_users.id"],
            name=op.f("fk_accounts_memberships_user_id_accounts_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "group_id", name=op.f("pk_accounts_memberships")),
    )
    op.create_index(op.f("ix_accounts_memberships_group_id"), "accounts_memberships", ["group_id"])
    op.create_table(
        "accounts_group_roles",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["accounts_groups.id"],
            name=op.f("fk_accounts_group_roles_group_id_accounts_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["accounts_roles.id"],
            name=op.f("fk_accounts_group_roles_role_id_accounts_roles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "role_id", name=op.f("pk_accounts_group_roles")),
    )
    op.create_index("ix_accounts_group_roles_role_id", "accounts_group_roles", ["role_id"])
    op.create_table(
        "accounts_role_grants",
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.Column("permission", sa.String(length=80), nullable=False),
        sa.Column("reach", sa.String(length=5), nullable=False),
        sa.CheckConstraint("reach IN ('none', 'own', 'group', 'all')", name=op.f("ck_accounts_role_grants_reach")),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["accounts_roles.id"],
            name=op.f("fk_accounts_role_grants_role_id_accounts_roles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("role_id", "permission", name=op.f("pk_accounts_role_grants")),
    )


def downgrade() -> None:
    op.drop_table("accounts_role_grants")
    op.drop_table("accounts_group_roles")
    op.drop_table("accounts_memberships")
    op.drop_table("accounts_groups")
    for name in ("absolute_hours", "idle_minutes", "second_factor", "rank"):
        op.drop_column("accounts_roles", name)
