"""To whom the answer to a mail goes, where that is not the company."""

import sqlalchemy as sa
from alembic import op

revision = "mail_0004"
down_revision = "mail_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_messages", sa.Column("reply_to", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("mail_messages", "reply_to")
