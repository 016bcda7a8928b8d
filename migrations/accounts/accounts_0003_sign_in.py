"""What signing in needs: user names, second factors, passkeys, invitations and the links of mails."""

import sqlalchemy as sa
from alembic import op

revision = "accounts_0003"
down_revision = "accounts_0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _extend_users()
    _create_passkeys()
    _create_invitations()
    _create_links()


def _extend_users() -> None:
    for column in (
        sa.Column("username", sa.String(length=40), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("password_changed_at", MOMENT, nullable=True),
        sa.Column("tf_primary_method", sa.String(length=20), nullable=True),
        sa.Column("tf_totp_secret", sa.Text(), nullable=True),
        sa.Column("tf_last_counter", sa.BigInteger(), nullable=True),
        sa.Column("mf_recovery_codes", sa.ARRAY(sa.String(length=64)), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
    ):
        op.add_column("accounts_users", column)
    op.create_unique_constraint("uq_accounts_users_username", "accounts_users", ["username"])
    op.create_check_constraint(
        op.f("ck_accounts_users_username_plain"),
        "accounts_users",
        "username = lower(username) AND username NOT LIKE '%@%'",
    )
    op.create_unique_constraint(
        "uq_accounts_users_fs_webauthn_user_handle", "accounts_users", ["fs_webauthn_user_handle"]
    )


def _numbered() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _of_user(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return sa.Column("user_id", sa.BigInteger(), nullable=False), sa.ForeignKeyConstraint(
        ["user_id"], ["accounts_users.id"], name=op.f(f"fk_{table}_user_id_accounts_users"), ondelete="CASCADE"
    )


def _created() -> sa.Column[object]:
    return sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False)


def _create_passkeys() -> None:
    user, reference = _of_user("accounts_passkeys")
    op.create_table(
        "accounts_passkeys",
        _numbered(),
        user,
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=20), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("transports", sa.ARRAY(sa.String(length=20)), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.Text(), nullable=True),
        _created(),
        sa.Column("lastuse_datetime", MOMENT, nullable=False),
        sa.CheckConstraint("usage IN ('first', 'secondary')", name=op.f("ck_accounts_passkeys_usage_known")),
        reference,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_passkeys")),
        sa.UniqueConstraint("credential_id", name="uq_accounts_passkeys_credential_id"),
        sa.UniqueConstraint("user_id", "name", name="uq_accounts_passkeys_user_id_name"),
    )


def _create_invitations() -> None:
    op.create_table(
        "accounts_invitations",
        _numbered(),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String(length=40)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("by_invitation", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        _created(),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_accounts_invitations_email_lower")),
        sa.ForeignKeyConstraint(
            ["invited_by"],
            ["accounts_users.id"],
            name=op.f("fk_accounts_invitations_invited_by_accounts_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_invitations")),
        sa.UniqueConstraint("token_hash", name="uq_accounts_invitations_token_hash"),
    )
    op.create_index("ix_accounts_invitations_email", "accounts_invitations", ["email"])


def _create_links() -> None:
    user, reference = _of_user("accounts_reset_links")
    op.create_table(
        "accounts_reset_links",
        _numbered(),
        user,
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        _created(),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        reference,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_reset_links")),
        sa.UniqueConstraint("token_hash", name="uq_accounts_reset_links_token_hash"),
    )
    op.create_index(op.f("ix_accounts_reset_links_user_id"), "accounts_reset_links", ["user_id"])
    user, reference = _of_user("accounts_address_changes")
    op.create_table(
        "accounts_address_changes",
        _numbered(),
        user,
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("old_token_hash", sa.String(length=64), nullable=False),
        sa.Column("new_token_hash", sa.String(length=64), nullable=False),
        sa.Column("old_agreed_at", MOMENT, nullable=True),
        sa.Column("new_agreed_at", MOMENT, nullable=True),
        _created(),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_accounts_address_changes_email_lower")),
        reference,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_address_changes")),
        sa.UniqueConstraint("old_token_hash", name="uq_accounts_address_changes_old_token_hash"),
        sa.UniqueConstraint("new_token_hash", name="uq_accounts_address_changes_new_token_hash"),
    )
    op.create_index(op.f("ix_accounts_address_changes_user_id"), "accounts_address_changes", ["user_id"])


def downgrade() -> None:
    for table in (
        "accounts_address_changes",
        "accounts_reset_links",
        "accounts_invitations",
        "accounts_passkeys",
    ):
        op.drop_table(table)
    op.drop_constraint("uq_accounts_users_fs_webauthn_user_handle", "accounts_users")
    op.drop_constraint(op.f("ck_accounts_users_username_plain"), "accounts_users")
    op.drop_constraint("uq_accounts_users_username", "accounts_users")
    for column in (
        "fs_webauthn_user_handle",
        "mf_recovery_codes",
        "tf_last_counter",
        "tf_totp_secret",
        "tf_primary_method",
        "password_changed_at",
        "confirmed_at",
        "username",
    ):
        op.drop_column("accounts_users", column)
