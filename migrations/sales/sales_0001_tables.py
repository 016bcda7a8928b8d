"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sales_0001"
down_revision = None
branch_labels = ("sales",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("accepted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("already_known", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("orders", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("customers", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("products", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("net", sa.Numeric(precision=18, scale=4), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_imports")),
    )
    op.create_table(
        "sales_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), server_default=sa.text("'sale'"), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.String(length=60), server_default=sa.text("''"), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("net", sa.Numeric(precision=18, scale=4), server_default=sa.text("0"), nullable=False),
        sa.Column("units", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False),
        sa.Column("line_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "changed_xid",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('sale', 'cancellation', 'return')", name=op.f("ck_sales_orders_kind")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["crm_customers.id"],
            name=op.f("fk_sales_orders_customer_id_crm_customers"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["sales_imports.id"],
            name=op.f("fk_sales_orders_import_id_sales_imports"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_orders")),
        sa.UniqueConstraint("number", name="uq_sales_orders_number"),
    )
    op.create_index(op.f("ix_sales_orders_changed_xid"), "sales_orders", ["changed_xid"], unique=False)
    op.create_index(op.f("ix_sales_orders_customer_id"), "sales_orders", ["customer_id"], unique=False)
    op.create_index(op.f("ix_sales_orders_import_id"), "sales_orders", ["import_id"], unique=False)
    op.create_index(
        "ix_sales_orders_country_ordered_at_id", "sales_orders", ["country", "ordered_at", "id"], unique=False
    )
    op.create_index("ix_sales_orders_net_id", "sales_orders", ["net", "id"], unique=False)
    op.create_index("ix_sales_orders_ordered_at_id", "sales_orders", ["ordered_at", "id"], unique=False)
    op.create_table(
        "sales_quarantined_rows",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line_number", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("escaped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("raw_hash", sa.Uuid(), nullable=False),
        sa.Column("raw_occurrence", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason_values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=20), server_default=sa.text("'open'"), nullable=False),
        sa.Column("corrected", sa.String(), nullable=True),
        sa.Column("settled_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'replayed', 'discarded')", name=op.f("ck_sales_quarantined_rows_state")),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["sales_imports.id"],
            name=op.f("fk_sales_quarantined_rows_import_id_sales_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_quarantined_rows")),
        sa.UniqueConstraint("raw_hash", "raw_occurrence", name="uq_sales_quarantined_rows_source"),
    )
    op.create_index(op.f("ix_sales_quarantined_rows_import_id"), "sales_quarantined_rows", ["import_id"], unique=False)
    op.create_index("ix_sales_quarantined_rows_state_id", "sales_quarantined_rows", ["state", "id"], unique=False)
    op.create_table(
        "sales_order_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("discount", sa.Numeric(precision=5, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "net",
            sa.Numeric(precision=18, scale=4),
            sa.Computed("round(quantity * unit_price * (100 - discount) / 100, 4)", persisted=True),
            nullable=False,
        ),
        sa.Column("source_hash", sa.Uuid(), nullable=True),
        sa.Column("source_occurrence", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("discount >= 0 AND discount <= 100", name=op.f("ck_sales_order_lines_discount")),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_orders.id"],
            name=op.f("fk_sales_order_lines_order_id_sales_orders"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_products.id"],
            name=op.f("fk_sales_order_lines_product_id_catalogue_products"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_lines")),
        sa.UniqueConstraint("source_hash", "source_occurrence", name="uq_sales_order_lines_source"),
    )
    op.create_index(op.f("ix_sales_order_lines_order_id"), "sales_order_lines", ["order_id"], unique=False)
    op.create_index(op.f("ix_sales_order_lines_product_id"), "sales_order_lines", ["product_id"], unique=False)
    op.execute(
        "CREATE TRIGGER sales_orders_changed BEFORE UPDATE ON sales_orders FOR EACH ROW EXECUTE FUNCTION core_mark_changed()"
    )
    op.execute(
        "CREATE TRIGGER sales_orders_deleted AFTER DELETE ON sales_orders FOR EACH ROW EXECUTE FUNCTION core_record_deletion()"
    )
    op.execute(
        """
        CREATE FUNCTION sales_order_lines_total() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE sales_orders o SET net = t.net, units = t.units, line_count = t.line_count
            FROM (
                SELECT c.order_id, coalesce(sum(l.net), 0) AS net, coalesce(sum(l.quantity), 0) AS units,
                       count(l.id) AS line_count
                FROM (SELECT DISTINCT order_id FROM changed) c
                LEFT JOIN sales_order_lines l ON l.order_id = c.order_id
                GROUP BY c.order_id
            ) t
            WHERE o.id = t.order_id
              AND ((o.net, o.units, o.line_count) IS DISTINCT FROM (t.net, t.units, t.line_count)
                   OR o.changed_xid <> pg_current_xact_id()::text::bigint);
            RETURN NULL;
        END $$
        """
    )
    for event, table in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER sales_order_lines_{event.lower()}_{table.lower()} AFTER {event} ON sales_order_lines "
            f"REFERENCING {table} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sales_order_lines_total()"
        )


def downgrade() -> None:
    op.drop_index(op.f("ix_sales_order_lines_product_id"), table_name="sales_order_lines")
    op.drop_index(op.f("ix_sales_order_lines_order_id"), table_name="sales_order_lines")
    op.drop_table("sales_order_lines")
    op.drop_index("ix_sales_quarantined_rows_state_id", table_name="sales_quarantined_rows")
    op.drop_index(op.f("ix_sales_quarantined_rows_import_id"), table_name="sales_quarantined_rows")
    op.drop_table("sales_quarantined_rows")
    op.drop_index("ix_sales_orders_ordered_at_id", table_name="sales_orders")
    op.drop_index("ix_sales_orders_country_ordered_at_id", table_name="sales_orders")
    op.drop_index("ix_sales_orders_net_id", table_name="sales_orders")
    op.drop_index(op.f("ix_sales_orders_import_id"), table_name="sales_orders")
    op.drop_index(op.f("ix_sales_orders_customer_id"), table_name="sales_orders")
    op.drop_index(op.f("ix_sales_orders_changed_xid"), table_name="sales_orders")
    op.drop_table("sales_orders")
    op.drop_table("sales_imports")
    op.execute("DROP FUNCTION sales_order_lines_total()")
