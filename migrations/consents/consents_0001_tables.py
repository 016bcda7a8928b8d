"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "consents_0001"
down_revision = None
branch_labels = ("consents",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents_consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False),
        sa.Column("given", sa.String(length=10), server_default=sa.text("'given'"), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("reference", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("withdrawn_how", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("given IN ('given', 'refused')", name=op.f("ck_consents_consents_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents_consents")),
    )
    op.create_index("ix_consents_consents_subject_id", "consents_consents", ["subject", "id"])
    op.create_index("ix_consents_consents_given_at_id", "consents_consents", ["given_at", "id"])
    op.create_index("ix_consents_consents_purpose_id", "consents_consents", ["purpose", "id"])
    op.create_table(
        "consents_notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_by", sa.String(length=254), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("kind IN ('privacy', 'cookies')", name=op.f("ck_consents_notices_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents_notices")),
        sa.UniqueConstraint("kind", "number", name="uq_consents_notices_kind_number"),
    )


def downgrade() -> None:
    op.drop_table("consents_notices")
    op.drop_table("consents_consents")
