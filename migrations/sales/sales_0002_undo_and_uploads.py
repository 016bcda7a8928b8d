"""What an import made new, so that it can be undone; and uploaded files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sales_0002"
down_revision = "sales_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_import_creations",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("row_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('customer', 'product', 'category')", name=op.f("ck_sales_import_creations_kind")),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["sales_imports.id"],
            name=op.f("fk_sales_import_creations_import_id_sales_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "row_id", name=op.f("pk_sales_import_creations")),
    )
    op.create_index(op.f("ix_sales_import_creations_import_id"), "sales_import_creations", ["import_id"], unique=False)
    op.create_table(
        "sales_uploads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("filename", sa.String(length=300), nullable=False),
        sa.Column("stored_as", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=20), server_default=sa.text("'open'"), nullable=False),
        sa.Column("checked", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("check_task_id", sa.BigInteger(), nullable=True),
        sa.Column("import_task_id", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'imported', 'abandoned')", name=op.f("ck_sales_uploads_state")),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["sales_imports.id"],
            name=op.f("fk_sales_uploads_import_id_sales_imports"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_uploads")),
        sa.UniqueConstraint("stored_as", name="uq_sales_uploads_stored_as"),
    )
    op.create_index("ix_sales_uploads_state_id", "sales_uploads", ["state", "id"], unique=False)
    op.create_table(
        "sales_import_touches",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["sales_imports.id"],
            name=op.f("fk_sales_import_touches_import_id_sales_imports"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_orders.id"],
            name=op.f("fk_sales_import_touches_order_id_sales_orders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "order_id", name=op.f("pk_sales_import_touches")),
    )
    op.create_index(op.f("ix_sales_import_touches_order_id"), "sales_import_touches", ["order_id"], unique=False)
    op.add_column("sales_imports", sa.Column("xid", sa.BigInteger(), nullable=True))
    op.add_column("sales_imports", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "sales_imports", sa.Column("undone_by", sa.String(length=200), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "sales_imports", sa.Column("undone", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column("sales_order_lines", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.add_column("sales_orders", sa.Column("imported_xid", sa.BigInteger(), nullable=True))
    op.add_column("sales_orders", sa.Column("people_xid", sa.BigInteger(), nullable=True))
    op.add_column("sales_quarantined_rows", sa.Column("earlier_import_id", sa.BigInteger(), nullable=True))
    op.add_column("sales_quarantined_rows", sa.Column("settled_import_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_sales_quarantined_rows_settled_import_id_sales_imports"),
        "sales_quarantined_rows",
        "sales_imports",
        ["settled_import_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_sales_quarantined_rows_earlier_import_id_sales_imports"),
        "sales_quarantined_rows",
        "sales_imports",
        ["earlier_import_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_constraint(
        op.f("fk_sales_quarantined_rows_earlier_import_id_sales_imports"), "sales_quarantined_rows", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_sales_quarantined_rows_settled_import_id_sales_imports"), "sales_quarantined_rows", type_="foreignkey"
    )
    op.drop_column("sales_quarantined_rows", "settled_import_id")
    op.drop_column("sales_quarantined_rows", "earlier_import_id")
    op.drop_column("sales_orders", "people_xid")
    op.drop_column("sales_orders", "imported_xid")
    op.drop_column("sales_order_lines", "import_id")
    op.drop_column("sales_imports", "undone")
    op.drop_column("sales_imports", "undone_by")
    op.drop_column("sales_imports", "undone_at")
    op.drop_column("sales_imports", "xid")
    op.drop_index(op.f("ix_sales_import_touches_order_id"), table_name="sales_import_touches")
    op.drop_table("sales_import_touches")
    op.drop_index("ix_sales_uploads_state_id", table_name="sales_uploads")
    op.drop_table("sales_uploads")
    op.drop_index(op.f("ix_sales_import_creations_import_id"), table_name="sales_import_creations")
    op.drop_table("sales_import_creations")
