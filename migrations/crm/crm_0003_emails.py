"""Customers are found by their e-mail address, without regard to case."""

import sqlalchemy as sa
from alembic import op

revision = "crm_0003"
down_revision = "crm_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_crm_customers_email_lower_id", "crm_customers", [sa.literal_column("lower(email)"), "id"])


def downgrade() -> None:
    op.drop_index("ix_crm_customers_email_lower_id", table_name="crm_customers")
