"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "forms_0001"
down_revision = None
branch_labels = ("forms",)
depends_on = None

KINDS = (
    "'line', 'text', 'email', 'phone', 'number', 'date', 'select', 'radio', 'several', 'checkbox', 'consent', 'heading'"
)


def editable() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def identity() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def upgrade() -> None:
    op.create_table(
        "forms_forms",
        identity(),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'open'"), nullable=False),
        sa.Column("slug_it", sa.String(length=80), nullable=True),
        sa.Column("slug_en", sa.String(length=80), nullable=True),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("notify", sa.String(length=2000), server_default=sa.text("''"), nullable=False),
        sa.Column("answers_itself", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("makes_contact", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("keep_months", sa.BigInteger(), server_default=sa.text("24"), nullable=False),
        *editable(),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_forms_forms_state")),
        sa.CheckConstraint("keep_months BETWEEN 1 AND 120", name=op.f("ck_forms_forms_keep_months")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms_forms")),
        sa.UniqueConstraint("name", name="uq_forms_forms_name"),
        sa.UniqueConstraint("slug_it", name="uq_forms_forms_slug_it"),
        sa.UniqueConstraint("slug_en", name="uq_forms_forms_slug_en"),
    )
    op.create_index("ix_forms_forms_name_lower_id", "forms_forms", [sa.literal_column("lower(name)"), "id"])
    op.create_table(
        "forms_fields",
        identity(),
        sa.Column("form_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("check", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        sa.Column("text_version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        *editable(),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_forms_fields_kind")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms_forms.id"], name=op.f("fk_forms_fields_form_id_forms_forms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms_fields")),
    )
    op.create_index("ix_forms_fields_form_id_position", "forms_fields", ["form_id", "position"])
    op.create_table(
        "forms_submissions",
        identity(),
        sa.Column("form_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'new'"), nullable=False),
        sa.Column("sender_name", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("sender_email", sa.String(length=254), server_default=sa.text("''"), nullable=False),
        sa.Column("summary", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("suspicion", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *editable(),
        sa.CheckConstraint(
            "state IN ('new', 'answered', 'closed', 'held', 'spam')", name=op.f("ck_forms_submissions_state")
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms_forms.id"], name=op.f("fk_forms_submissions_form_id_forms_forms"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customers.id"],
            name=op.f("fk_forms_submissions_customer_id_crm_customers"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms_submissions")),
    )
    op.create_index("ix_forms_submissions_received_at_id", "forms_submissions", ["received_at", "id"])
    op.create_index("ix_forms_submissions_form_id_received_at", "forms_submissions", ["form_id", "received_at"])
    op.create_index("ix_forms_submissions_state_received_at", "forms_submissions", ["state", "received_at"])
    op.create_index("ix_forms_submissions_email", "forms_submissions", ["sender_email"])
    op.create_index(op.f("ix_forms_submissions_customer_id"), "forms_submissions", ["customer_id"])
    op.create_table(
        "forms_entries",
        identity(),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("kind IN ('answer', 'automatic', 'note', 'state')", name=op.f("ck_forms_entries_kind")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["forms_submissions.id"],
            name=op.f("fk_forms_entries_submission_id_forms_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms_entries")),
    )
    op.create_index(op.f("ix_forms_entries_submission_id"), "forms_entries", ["submission_id"])
    op.create_table(
        "forms_knocks",
        identity(),
        sa.Column("form_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms_forms.id"], name=op.f("fk_forms_knocks_form_id_forms_forms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms_knocks")),
    )
    op.create_index("ix_forms_knocks_address_at", "forms_knocks", ["address", "at"])
    op.create_index("ix_forms_knocks_form_id_at", "forms_knocks", ["form_id", "at"])
    op.create_table(
        "forms_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_forms_salts")),
    )


def downgrade() -> None:
    for table in ("salts", "knocks", "entries", "submissions", "fields", "forms"):
        op.drop_table(f"forms_{table}")
