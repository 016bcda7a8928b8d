"""The tables of the room, and the triggers that keep a slug as it is."""

import sqlalchemy as sa
from alembic import op

revision = "workspaces_0001"
down_revision = None
branch_labels = ("workspaces",)
depends_on = None

SLUG = "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'"
KEEP_SLUG = """
CREATE FUNCTION workspaces_keep_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.slug <> OLD.slug THEN
    RAISE EXCEPTION 'the slug % never changes', OLD.slug
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_' || TG_TABLE_NAME || '_slug_kept';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "workspaces_groups",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=20000), server_default=sa.text("''"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("joining", sa.String(length=10), server_default=sa.text("'by_hand'"), nullable=False),
        *_editable(),
        sa.CheckConstraint(SLUG, name=op.f("ck_workspaces_groups_slug")),
        sa.CheckConstraint("joining IN ('by_hand', 'on_request', 'open')", name=op.f("ck_workspaces_groups_joining")),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["accounts_users.id"],
            name=op.f("fk_workspaces_groups_owner_id_accounts_users"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces_groups")),
        sa.UniqueConstraint("slug", name="uq_workspaces_groups_slug"),
    )
    op.create_index(op.f("ix_workspaces_groups_owner_id"), "workspaces_groups", ["owner_id"])
    op.create_index("ix_workspaces_groups_name_lower_id", "workspaces_groups", [sa.literal_column("lower(name)"), "id"])
    op.create_table(
        "workspaces_members",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["workspaces_groups.id"],
            name=op.f("fk_workspaces_members_group_id_workspaces_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_users.id"],
            name=op.f("fk_workspaces_members_user_id_accounts_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_workspaces_members")),
    )
    op.create_index(op.f("ix_workspaces_members_user_id"), "workspaces_members", ["user_id"])
    op.create_table(
        "workspaces_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(length=1000), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (accepted IS NULL)", name=op.f("ck_workspaces_requests_answered")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["workspaces_groups.id"],
            name=op.f("fk_workspaces_requests_group_id_workspaces_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_users.id"],
            name=op.f("fk_workspaces_requests_user_id_accounts_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["accounts_users.id"],
            name=op.f("fk_workspaces_requests_answered_by_accounts_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces_requests")),
    )
    op.create_index(op.f("ix_workspaces_requests_user_id"), "workspaces_requests", ["user_id"])
    op.create_index(
        "uq_workspaces_requests_open",
        "workspaces_requests",
        ["group_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "workspaces_projects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=20000), server_default=sa.text("''"), nullable=False),
        sa.Column("visibility", sa.String(length=10), server_default=sa.text("'private'"), nullable=False),
        *_editable(),
        sa.CheckConstraint(SLUG, name=op.f("ck_workspaces_projects_slug")),
        sa.CheckConstraint(
            "visibility IN ('public', 'internal', 'private')", name=op.f("ck_workspaces_projects_visibility")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["workspaces_groups.id"],
            name=op.f("fk_workspaces_projects_group_id_workspaces_groups"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces_projects")),
        sa.UniqueConstraint("group_id", "slug", name="uq_workspaces_projects_group_id_slug"),
    )
    op.create_index(
        "ix_workspaces_projects_name_lower_id", "workspaces_projects", [sa.literal_column("lower(name)"), "id"]
    )
    op.execute(KEEP_SLUG)
    for table in ("workspaces_groups", "workspaces_projects"):
        op.execute(
            f"CREATE TRIGGER {table}_slug BEFORE UPDATE OF slug ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION workspaces_keep_slug()"
        )


def downgrade() -> None:
    for table in ("workspaces_projects", "workspaces_requests", "workspaces_members", "workspaces_groups"):
        op.drop_table(table)
    op.execute("DROP FUNCTION workspaces_keep_slug()")


def _editable() -> tuple[sa.Column, ...]:
    now = sa.text("now()")
    return (
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
    )
