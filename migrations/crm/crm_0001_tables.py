"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "crm_0001"
down_revision = None
branch_labels = ("crm",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crm_customers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), server_default=sa.text("'organisation'"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("country", sa.String(length=60), server_default=sa.text("''"), nullable=False),
        sa.Column("vat_number", sa.String(length=20), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "changed_xid",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('person', 'organisation')", name=op.f("ck_crm_customers_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_customers")),
        sa.UniqueConstraint("number", name="uq_crm_customers_number"),
    )
    op.create_index(op.f("ix_crm_customers_changed_xid"), "crm_customers", ["changed_xid"], unique=False)
    op.create_index("ix_crm_customers_country_id", "crm_customers", ["country", "id"], unique=False)
    op.create_index(
        "ix_crm_customers_name_lower_id", "crm_customers", [sa.literal_column("lower(name)"), "id"], unique=False
    )
    op.execute(
        "CREATE TRIGGER crm_customers_changed BEFORE UPDATE ON crm_customers FOR EACH ROW EXECUTE FUNCTION core_mark_changed()"
    )
    op.execute(
        "CREATE TRIGGER crm_customers_deleted AFTER DELETE ON crm_customers FOR EACH ROW EXECUTE FUNCTION core_record_deletion()"
    )


def downgrade() -> None:
    op.drop_index("ix_crm_customers_country_id", table_name="crm_customers")
    op.drop_index("ix_crm_customers_name_lower_id", table_name="crm_customers")
    op.drop_index(op.f("ix_crm_customers_changed_xid"), table_name="crm_customers")
    op.drop_table("crm_customers")
