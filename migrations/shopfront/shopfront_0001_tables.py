"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "shopfront_0001"
down_revision = None
branch_labels = ("shopfront",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shopfront_shelves",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("picture_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["catalogue_categories.id"],
            name=op.f("fk_shopfront_shelves_category_id_catalogue_categories"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["media_images.id"],
            name=op.f("fk_shopfront_shelves_picture_id_media_images"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopfront_shelves")),
        sa.UniqueConstraint("category_id", name="uq_shopfront_shelves_category_id"),
    )
    op.create_index(op.f("ix_shopfront_shelves_picture_id"), "shopfront_shelves", ["picture_id"], unique=False)
    op.create_table(
        "shopfront_goods",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("featured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pricing", sa.String(length=20), server_default=sa.text("'shown'"), nullable=False),
        sa.Column("availability", sa.String(length=20), server_default=sa.text("'in_stock'"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "availability IN ('in_stock', 'in_store', 'to_order', 'sold_out')",
            name=op.f("ck_shopfront_goods_availability"),
        ),
        sa.CheckConstraint("pricing IN ('shown', 'ask')", name=op.f("ck_shopfront_goods_pricing")),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_products.id"],
            name=op.f("fk_shopfront_goods_product_id_catalogue_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopfront_goods")),
        sa.UniqueConstraint("product_id", name="uq_shopfront_goods_product_id"),
    )
    op.create_index(
        "ix_shopfront_goods_shown_position_id", "shopfront_goods", ["shown", "position", "id"], unique=False
    )
    op.create_table(
        "shopfront_shelf_words",
        sa.Column("shelf_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["shelf_id"],
            ["shopfront_shelves.id"],
            name=op.f("fk_shopfront_shelf_words_shelf_id_shopfront_shelves"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shelf_id", "language", name=op.f("pk_shopfront_shelf_words")),
        sa.UniqueConstraint("language", "slug", name="uq_shopfront_shelf_words_slug"),
    )
    op.create_table(
        "shopfront_good_pictures",
        sa.Column("good_id", sa.BigInteger(), nullable=False),
        sa.Column("picture_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["good_id"],
            ["shopfront_goods.id"],
            name=op.f("fk_shopfront_good_pictures_good_id_shopfront_goods"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["media_images.id"],
            name=op.f("fk_shopfront_good_pictures_picture_id_media_images"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("good_id", "picture_id", name=op.f("pk_shopfront_good_pictures")),
    )
    op.create_index(
        op.f("ix_shopfront_good_pictures_picture_id"), "shopfront_good_pictures", ["picture_id"], unique=False
    )
    op.create_table(
        "shopfront_good_words",
        sa.Column("good_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["good_id"],
            ["shopfront_goods.id"],
            name=op.f("fk_shopfront_good_words_good_id_shopfront_goods"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("good_id", "language", name=op.f("pk_shopfront_good_words")),
        sa.UniqueConstraint("language", "slug", name="uq_shopfront_good_words_slug"),
    )


def downgrade() -> None:
    op.drop_table("shopfront_good_words")
    op.drop_index(op.f("ix_shopfront_good_pictures_picture_id"), table_name="shopfront_good_pictures")
    op.drop_table("shopfront_good_pictures")
    op.drop_table("shopfront_shelf_words")
    op.drop_index("ix_shopfront_goods_shown_position_id", table_name="shopfront_goods")
    op.drop_table("shopfront_goods")
    op.drop_index(op.f("ix_shopfront_shelves_picture_id"), table_name="shopfront_shelves")
    op.drop_table("shopfront_shelves")
