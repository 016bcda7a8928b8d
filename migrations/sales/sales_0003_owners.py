"""Whose an order is: a person and a group, as plain numbers."""

import sqlalchemy as sa
from alembic import op

revision = "sales_0003"
down_revision = "sales_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("owner_id", "group_id"):
        op.add_column("sales_orders", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_index(op.f(f"ix_sales_orders_{name}"), "sales_orders", [name])


def downgrade() -> None:
    for name in ("owner_id", "group_id"):
        op.drop_column("sales_orders", name)
