"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "push_0001"
down_revision = None
branch_labels = ("push",)
depends_on = None


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _edited() -> list[sa.Column]:
    now = sa.text("now()")
    return [
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
    ]


def _by_language(name: str, *, default: bool = True) -> sa.Column:
    given = sa.text("'{}'::jsonb") if default else None
    return sa.Column(name, postgresql.JSONB(), server_default=given, nullable=False)


def upgrade() -> None:
    op.create_table(
        "push_keys",
        _id(),
        sa.Column("public_key", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_push_keys_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_keys")),
    )
    op.create_table(
        "push_topics",
        _id(),
        _by_language("names", default=False),
        _by_language("descriptions"),
        sa.Column("event", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("offered", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *_edited(),
        sa.CheckConstraint("event IN ('', 'closed', 'news')", name=op.f("ck_push_topics_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_topics")),
    )
    op.create_table(
        "push_subscriptions",
        _id(),
        sa.Column("endpoint", sa.String(length=1000), nullable=False),
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_users.id"],
            name=op.f("fk_push_subscriptions_user_id_accounts_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("endpoint", name="uq_push_subscriptions_endpoint"),
    )
    op.create_index(op.f("ix_push_subscriptions_user_id"), "push_subscriptions", ["user_id"])
    op.create_index(
        "ix_push_subscriptions_origin",
        "push_subscriptions",
        ["origin", "created_at"],
        postgresql_where=sa.text("origin <> ''"),
    )
    op.create_table(
        "push_subscription_topics",
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["push_subscriptions.id"],
            name=op.f("fk_push_subscription_topics_subscription_id_push_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["push_topics.id"],
            name=op.f("fk_push_subscription_topics_topic_id_push_topics"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "topic_id", name=op.f("pk_push_subscription_topics")),
    )
    op.create_index(op.f("ix_push_subscription_topics_topic_id"), "push_subscription_topics", ["topic_id"])
    op.create_table(
        "push_messages",
        _id(),
        _by_language("titles", default=False),
        _by_language("bodies"),
        _by_language("links"),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("urgency", sa.String(length=10), server_default=sa.text("'normal'"), nullable=False),
        sa.Column("hours", sa.BigInteger(), server_default=sa.text("24"), nullable=False),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _by_language("counts"),
        *_edited(),
        sa.CheckConstraint("audience IN ('all', 'topic', 'group', 'person')", name=op.f("ck_push_messages_audience")),
        sa.CheckConstraint("state IN ('draft', 'sending', 'sent', 'cancelled')", name=op.f("ck_push_messages_state")),
        sa.CheckConstraint("urgency IN ('very-low', 'low', 'normal', 'high')", name=op.f("ck_push_messages_urgency")),
        sa.CheckConstraint("hours BETWEEN 1 AND 672", name=op.f("ck_push_messages_hours")),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["push_topics.id"], name=op.f("fk_push_messages_topic_id_push_topics"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_messages")),
        sa.UniqueConstraint("cause", name="uq_push_messages_cause"),
    )
    op.create_index(op.f("ix_push_messages_topic_id"), "push_messages", ["topic_id"])
    op.create_index("ix_push_messages_created_at_id", "push_messages", ["created_at", "id"])
    op.create_table(
        "push_deliveries",
        _id(),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'dead', 'failed', 'cancelled')",
            name=op.f("ck_push_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["push_messages.id"],
            name=op.f("fk_push_deliveries_message_id_push_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["push_subscriptions.id"],
            name=op.f("fk_push_deliveries_subscription_id_push_subscriptions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_deliveries")),
        sa.UniqueConstraint("message_id", "subscription_id", name="uq_push_deliveries_subscription"),
    )
    op.create_index("ix_push_deliveries_due", "push_deliveries", ["message_id", "state", "id"])
    op.create_index("ix_push_deliveries_subscription_id", "push_deliveries", ["subscription_id"])


def downgrade() -> None:
    for name in ("deliveries", "messages", "subscription_topics", "subscriptions", "topics", "keys"):
        op.drop_table(f"push_{name}")
