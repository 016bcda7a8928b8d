"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0001"
down_revision = None
branch_labels = ("catalogue",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_categories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "changed_xid",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_categories")),
        sa.UniqueConstraint("name", name="uq_catalogue_categories_name"),
    )
    op.create_index(op.f("ix_catalogue_categories_changed_xid"), "catalogue_categories", ["changed_xid"], unique=False)
    op.create_table(
        "catalogue_products",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.Numeric(precision=14, scale=4), server_default=sa.text("0"), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=5, scale=2), server_default=sa.text("22"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "changed_xid",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.CheckConstraint("vat_rate >= 0 AND vat_rate <= 100", name=op.f("ck_catalogue_products_vat_rate")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["catalogue_categories.id"],
            name=op.f("fk_catalogue_products_category_id_catalogue_categories"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_products")),
        sa.UniqueConstraint("sku", name="uq_catalogue_products_sku"),
    )
    op.create_index(op.f("ix_catalogue_products_category_id"), "catalogue_products", ["category_id"], unique=False)
    op.create_index(op.f("ix_catalogue_products_changed_xid"), "catalogue_products", ["changed_xid"], unique=False)
    op.create_index(
        "ix_catalogue_products_name_lower_id",
        "catalogue_products",
        [sa.literal_column("lower(name)"), "id"],
        unique=False,
    )
    op.create_index("ix_catalogue_products_price_id", "catalogue_products", ["price", "id"], unique=False)
    op.execute(
        "CREATE TRIGGER catalogue_categories_changed BEFORE UPDATE ON catalogue_categories FOR EACH ROW EXECUTE FUNCTION core_mark_changed()"
    )
    op.execute(
        "CREATE TRIGGER catalogue_categories_deleted AFTER DELETE ON catalogue_categories FOR EACH ROW EXECUTE FUNCTION core_record_deletion()"
    )
    op.execute(
        "CREATE TRIGGER catalogue_products_changed BEFORE UPDATE ON catalogue_products FOR EACH ROW EXECUTE FUNCTION core_mark_changed()"
    )
    op.execute(
        "CREATE TRIGGER catalogue_products_deleted AFTER DELETE ON catalogue_products FOR EACH ROW EXECUTE FUNCTION core_record_deletion()"
    )


def downgrade() -> None:
    op.drop_index("ix_catalogue_products_price_id", table_name="catalogue_products")
    op.drop_index("ix_catalogue_products_name_lower_id", table_name="catalogue_products")
    op.drop_index(op.f("ix_catalogue_products_changed_xid"), table_name="catalogue_products")
    op.drop_index(op.f("ix_catalogue_products_category_id"), table_name="catalogue_products")
    op.drop_table("catalogue_products")
    op.drop_index(op.f("ix_catalogue_categories_changed_xid"), table_name="catalogue_categories")
    op.drop_table("catalogue_categories")
