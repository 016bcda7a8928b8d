"""The picture of a site."""

import sqlalchemy as sa
from alembic import op

revision = "places_0002"
down_revision = "places_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("places_sites", sa.Column("picture_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_places_sites_picture_id"), "places_sites", ["picture_id"])
    op.create_foreign_key(
        op.f("fk_places_sites_picture_id_media_images"),
        "places_sites",
        "media_images",
        ["picture_id"],
        ["id"],
        ondelete="RESTRICT",
    )


def downgrade() -> None:
    op.drop_column("places_sites", "picture_id")
