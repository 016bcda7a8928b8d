"""A right may be on a collection of images."""

import sqlalchemy as sa
from alembic import op

revision = "editorial_0003"
down_revision = "editorial_0002"
branch_labels = None
depends_on = None

WHO = "uq_editorial_rights_who"
PLACE = "ck_editorial_rights_page_or_collection"


def upgrade() -> None:
    op.add_column(
        "editorial_rights", sa.Column("collection", sa.String(length=80), server_default=sa.text("''"), nullable=False)
    )
    op.alter_column("editorial_rights", "page_id", nullable=True)
    op.create_check_constraint(op.f(PLACE), "editorial_rights", "(page_id IS NULL) = (collection <> '')")
    op.drop_constraint(WHO, "editorial_rights")
    op.create_unique_constraint(
        WHO, "editorial_rights", ["page_id", "collection", "user_id", "role"], postgresql_nulls_not_distinct=True
    )


def downgrade() -> None:
    op.execute("DELETE FROM editorial_rights WHERE page_id IS NULL")
    op.drop_constraint(WHO, "editorial_rights")
    op.create_unique_constraint(
        WHO, "editorial_rights", ["page_id", "user_id", "role"], postgresql_nulls_not_distinct=True
    )
    op.drop_constraint(op.f(PLACE), "editorial_rights")
    op.alter_column("editorial_rights", "page_id", nullable=False)
    op.drop_column("editorial_rights", "collection")
