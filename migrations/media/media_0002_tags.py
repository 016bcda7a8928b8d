"""Images have tags."""

import sqlalchemy as sa
from alembic import op

revision = "media_0002"
down_revision = "media_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_image_tags",
        sa.Column("image_id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["media_images.id"],
            name=op.f("fk_media_image_tags_image_id_media_images"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", "word", name=op.f("pk_media_image_tags")),
    )
    op.create_index("ix_media_image_tags_word_image_id", "media_image_tags", ["word", "image_id"])


def downgrade() -> None:
    op.drop_table("media_image_tags")
