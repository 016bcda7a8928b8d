"""What a product costs the company."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0002"
down_revision = "catalogue_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("catalogue_products", sa.Column("cost", sa.Numeric(precision=14, scale=4), nullable=True))
    op.create_check_constraint(op.f("ck_catalogue_products_cost"), "catalogue_products", "cost >= 0")


def downgrade() -> None:
    op.drop_column("catalogue_products", "cost")
