"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "navigation_0001"
down_revision = None
branch_labels = ("navigation",)
depends_on = None


def words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False)


def editable() -> list[sa.Column]:
    return [
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "navigation_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("menu", sa.String(length=10), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        words("label_it", 80),
        words("label_en", 80),
        words("target_it", 500),
        words("target_en", 500),
        sa.Column("visible", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *editable(),
        sa.CheckConstraint("menu IN ('main', 'footer', 'legal')", name=op.f("ck_navigation_items_menu")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_navigation_items_own_parent")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["navigation_items.id"],
            name=op.f("fk_navigation_items_parent_id_navigation_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_navigation_items")),
    )
    op.create_index("ix_navigation_items_menu_position", "navigation_items", ["menu", "position"], unique=False)
    op.create_index("ix_navigation_items_parent_id", "navigation_items", ["parent_id"], unique=False)
    op.create_table(
        "navigation_notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        words("text_it", 300),
        words("text_en", 300),
        words("link_it", 500),
        words("link_en", 500),
        words("link_label_it", 80),
        words("link_label_en", 80),
        sa.Column("kind", sa.String(length=10), server_default=sa.text("'brand'"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *editable(),
        sa.CheckConstraint("id = 1", name=op.f("ck_navigation_notices_single")),
        sa.CheckConstraint("kind IN ('brand', 'info', 'good', 'warning')", name=op.f("ck_navigation_notices_kind")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_navigation_notices_ends_after_it_starts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_navigation_notices")),
    )


def downgrade() -> None:
    op.drop_table("navigation_notices")
    op.drop_index("ix_navigation_items_parent_id", table_name="navigation_items")
    op.drop_index("ix_navigation_items_menu_position", table_name="navigation_items")
    op.drop_table("navigation_items")
