"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "mail_0001"
down_revision = None
branch_labels = ("mail",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recipient", sa.String(length=500), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=True),
        sa.Column("template", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("secret", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=20), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("error", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sendings", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'refused', 'failed')", name=op.f("ck_mail_messages_state")),
        sa.CheckConstraint("(state = 'sent') <= (sent_at IS NOT NULL)", name=op.f("ck_mail_messages_sent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_messages")),
        sa.UniqueConstraint("cause", "address", name="uq_mail_messages_cause"),
    )
    op.create_index("ix_mail_messages_state_id", "mail_messages", ["state", "id"])
    op.create_index("ix_mail_messages_address_id", "mail_messages", ["address", "id"])
    op.create_index("ix_mail_messages_created_at", "mail_messages", ["created_at"])
    op.create_index(
        "ix_mail_messages_sealed", "mail_messages", ["created_at"], postgresql_where=sa.text("sealed IS NOT NULL")
    )
    op.create_table(
        "mail_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mail_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('sent', 'delayed', 'refused', 'failed', 'again')", name=op.f("ck_mail_deliveries_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mail_messages.id"], name=op.f("fk_mail_deliveries_mail_id_mail_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_deliveries")),
    )
    op.create_index(op.f("ix_mail_deliveries_mail_id"), "mail_deliveries", ["mail_id"])


def downgrade() -> None:
    op.drop_table("mail_deliveries")
    op.drop_table("mail_messages")
