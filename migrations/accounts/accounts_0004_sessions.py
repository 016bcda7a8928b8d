"""Sessions that the house can end, the history of sign-ins, counted attempts, impersonations, and accepted texts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accounts_0004"
down_revision = "accounts_0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("accounts_users", sa.Column("suspended_at", MOMENT, nullable=True))
    _create_sessions()
    _create_sign_ins()
    _create_attempts()
    _create_impersonations()
    _create_documents()


def _numbered() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, MOMENT, server_default=sa.text("now()"), nullable=False)


def _refers(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete
    )


def _create_sessions() -> None:
    op.create_table(
        "accounts_sessions",
        _numbered(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("stamp", sa.String(length=64), nullable=False),
        _text("device_hash", 64),
        _text("method", 60),
        _text("address", 45),
        _text("agent", 300),
        sa.Column("remembered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _now("started_at"),
        _now("last_seen_at"),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _text("ending", 20),
        sa.Column("acting_as_id", sa.BigInteger(), nullable=True),
        _refers("accounts_sessions", "user_id", "accounts_users", "CASCADE"),
        _refers("accounts_sessions", "acting_as_id", "accounts_users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_sessions")),
        sa.UniqueConstraint("key_hash", name="uq_accounts_sessions_key_hash"),
    )
    op.create_index("ix_accounts_sessions_user_id", "accounts_sessions", ["user_id", "started_at"])
    op.create_index("ix_accounts_sessions_started_at", "accounts_sessions", ["started_at"])
    op.create_index(op.f("ix_accounts_sessions_acting_as_id"), "accounts_sessions", ["acting_as_id"])


def _create_sign_ins() -> None:
    op.create_table(
        "accounts_sign_ins",
        _numbered(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        _now("happened_at"),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        _text("method", 60),
        _text("address", 45),
        _text("agent", 300),
        _refers("accounts_sign_ins", "user_id", "accounts_users", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_sign_ins")),
    )
    op.create_index("ix_accounts_sign_ins_user_id", "accounts_sign_ins", ["user_id", "happened_at"])
    op.create_index("ix_accounts_sign_ins_happened_at", "accounts_sign_ins", ["happened_at"])


def _create_attempts() -> None:
    op.create_table(
        "accounts_attempts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_accounts_attempts")),
    )
    op.create_index("ix_accounts_attempts_started_at", "accounts_attempts", ["started_at"])


def _create_impersonations() -> None:
    name = "accounts_impersonations"
    op.create_table(
        name,
        _numbered(),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("target_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=254), nullable=False),
        sa.Column("target_name", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        _text("address", 45),
        _now("started_at"),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("steps", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        _refers(name, "session_id", "accounts_sessions", "SET NULL"),
        _refers(name, "actor_id", "accounts_users", "SET NULL"),
        _refers(name, "target_id", "accounts_users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index("ix_accounts_impersonations_target_id", name, ["target_id", "started_at"])
    op.create_index("ix_accounts_impersonations_started_at", name, ["started_at"])
    for column in ("session_id", "actor_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _create_documents() -> None:
    op.create_table(
        "accounts_documents",
        _numbered(),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        _now("published_at"),
        _text("published_by", 254),
        sa.CheckConstraint("kind IN ('terms', 'privacy')", name=op.f("ck_accounts_documents_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_documents")),
        sa.UniqueConstraint("kind", "number", name="uq_accounts_documents_kind_number"),
    )
    op.create_table(
        "accounts_acceptances",
        _numbered(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        _now("accepted_at"),
        _text("address", 45),
        _refers("accounts_acceptances", "user_id", "accounts_users", "CASCADE"),
        _refers("accounts_acceptances", "document_id", "accounts_documents", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_acceptances")),
        sa.UniqueConstraint("user_id", "document_id", name="uq_accounts_acceptances_user_id_document_id"),
    )
    op.create_index(op.f("ix_accounts_acceptances_document_id"), "accounts_acceptances", ["document_id"])


def downgrade() -> None:
    for table in ("acceptances", "documents", "impersonations", "attempts", "sign_ins", "sessions"):
        op.drop_table(f"accounts_{table}")
    op.drop_column("accounts_users", "suspended_at")
