"""The tables of the floor."""

import sqlalchemy as sa
from alembic import op

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_company",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=200), server_default=sa.text("'Bottega'"), nullable=False),
        sa.Column("tagline", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("about", sa.String(length=4000), server_default=sa.text("''"), nullable=False),
        sa.Column("street", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("postcode", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("city", sa.String(length=100), server_default=sa.text("''"), nullable=False),
        sa.Column("country", sa.String(length=60), server_default=sa.text("'Italy'"), nullable=False),
        sa.Column("vat_number", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("email", sa.String(length=254), server_default=sa.text("''"), nullable=False),
        sa.Column("phone", sa.String(length=40), server_default=sa.text("''"), nullable=False),
        sa.Column("time_zone", sa.String(length=60), server_default=sa.text("'Europe/Rome'"), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default=sa.text("'EUR'"), nullable=False),
        sa.Column("languages", sa.String(length=40), server_default=sa.text("'it,en'"), nullable=False),
        sa.Column("primary_colour", sa.String(length=7), server_default=sa.text("'#206bc4'"), nullable=False),
        sa.Column("accent_colour", sa.String(length=7), server_default=sa.text("'#f59f00'"), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_type", sa.String(length=40), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_core_company_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_company")),
    )
    op.create_table(
        "core_deletions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "changed_xid",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_deletions")),
    )
    op.create_index(op.f("ix_core_deletions_changed_xid"), "core_deletions", ["changed_xid"], unique=False)
    op.execute("INSERT INTO core_company (id) OVERRIDING SYSTEM VALUE VALUES (1)")
    op.execute(
        """
        CREATE FUNCTION core_mark_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.changed_xid := pg_current_xact_id()::text::bigint;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION core_record_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO core_deletions (table_name, row_id) VALUES (TG_TABLE_NAME, OLD.id);
            RETURN OLD;
        END $$
        """
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION core_record_deletion()")
    op.execute("DROP FUNCTION core_mark_changed()")
    op.drop_index(op.f("ix_core_deletions_changed_xid"), table_name="core_deletions")
    op.drop_table("core_deletions")
    op.drop_table("core_company")
