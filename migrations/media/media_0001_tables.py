"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "media_0001"
down_revision = None
branch_labels = ("media",)
depends_on = None

EMPTY = sa.text("''")


def upgrade() -> None:
    op.create_table(
        "media_images",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("transparent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("focal_x", sa.SmallInteger(), server_default=sa.text("50"), nullable=False),
        sa.Column("focal_y", sa.SmallInteger(), server_default=sa.text("50"), nullable=False),
        sa.Column("decorative", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("alt_it", sa.String(length=300), server_default=EMPTY, nullable=False),
        sa.Column("alt_en", sa.String(length=300), server_default=EMPTY, nullable=False),
        sa.Column("caption_it", sa.String(length=500), server_default=EMPTY, nullable=False),
        sa.Column("caption_en", sa.String(length=500), server_default=EMPTY, nullable=False),
        sa.Column("credit", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("collection", sa.String(length=80), server_default=EMPTY, nullable=False),
        sa.Column("uploaded_by", sa.String(length=200), server_default=EMPTY, nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "focal_x BETWEEN 0 AND 100 AND focal_y BETWEEN 0 AND 100", name=op.f("ck_media_images_focal")
        ),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_media_images_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_images")),
    )
    op.create_index(op.f("ix_media_images_sha256"), "media_images", ["sha256"])
    op.create_index(op.f("ix_media_images_collection"), "media_images", ["collection"])
    op.create_index("ix_media_images_name_lower_id", "media_images", [sa.literal_column("lower(name)"), "id"])
    op.create_index("ix_media_images_created_at_id", "media_images", ["created_at", "id"])
    op.create_index("ix_media_images_waiting", "media_images", ["id"], postgresql_where=sa.text("ready_at IS NULL"))
    op.create_table(
        "media_galleries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_galleries")),
        sa.UniqueConstraint("name", name="uq_media_galleries_name"),
    )
    op.create_table(
        "media_gallery_pictures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gallery_id", sa.BigInteger(), nullable=False),
        sa.Column("image_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("caption_it", sa.String(length=500), server_default=EMPTY, nullable=False),
        sa.Column("caption_en", sa.String(length=500), server_default=EMPTY, nullable=False),
        sa.ForeignKeyConstraint(
            ["gallery_id"],
            ["media_galleries.id"],
            name=op.f("fk_media_gallery_pictures_gallery_id_media_galleries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["media_images.id"],
            name=op.f("fk_media_gallery_pictures_image_id_media_images"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_gallery_pictures")),
        sa.UniqueConstraint("gallery_id", "image_id", name="uq_media_gallery_pictures_gallery_id_image_id"),
    )
    op.create_index(op.f("ix_media_gallery_pictures_image_id"), "media_gallery_pictures", ["image_id"])


def downgrade() -> None:
    op.drop_table("media_gallery_pictures")
    op.drop_table("media_galleries")
    op.drop_table("media_images")
