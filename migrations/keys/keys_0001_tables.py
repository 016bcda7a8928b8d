"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "keys_0001"
down_revision = None
branch_labels = ("keys",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keys_keys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.String(length=80)), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_from", sa.String(length=45), server_default=sa.text("''"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (role_id IS NULL)", name=op.f("ck_keys_keys_holder")),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_keys_keys_scopes")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_users.id"], name=op.f("fk_keys_keys_user_id_accounts_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["accounts_roles.id"], name=op.f("fk_keys_keys_role_id_accounts_roles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys_keys")),
    )
    op.create_index("ix_keys_keys_user_id", "keys_keys", ["user_id"])
    op.create_index("ix_keys_keys_role_id", "keys_keys", ["role_id"])
    op.create_index(
        "uq_keys_keys_person_name",
        "keys_keys",
        ["user_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        "uq_keys_keys_service_name",
        "keys_keys",
        [sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND user_id IS NULL"),
    )
    op.create_table(
        "keys_secrets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_id"], ["keys_keys.id"], name=op.f("fk_keys_secrets_key_id_keys_keys"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys_secrets")),
        sa.UniqueConstraint("digest", name="uq_keys_secrets_digest"),
    )
    op.create_index("ix_keys_secrets_key_id", "keys_secrets", ["key_id"])


def downgrade() -> None:
    op.drop_table("keys_secrets")
    op.drop_table("keys_keys")
