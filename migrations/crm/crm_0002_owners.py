"""Whose a customer is: a person and a group, as plain numbers."""

import sqlalchemy as sa
from alembic import op

revision = "crm_0002"
down_revision = "crm_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("owner_id", "group_id"):
        op.add_column("crm_customers", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_index(op.f(f"ix_crm_customers_{name}"), "crm_customers", [name])


def downgrade() -> None:
    for name in ("owner_id", "group_id"):
        op.drop_column("crm_customers", name)
