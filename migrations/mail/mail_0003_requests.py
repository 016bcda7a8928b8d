"""In which request a mail was written."""

import sqlalchemy as sa
from alembic import op

revision = "mail_0003"
down_revision = "mail_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_messages", sa.Column("request_id", sa.String(64), server_default=sa.text("''"), nullable=False))
    op.create_index(
        op.f("ix_mail_messages_request_id"), "mail_messages", ["request_id"],
        postgresql_where=sa.text("request_id <> ''"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index(op.f("ix_mail_messages_request_id"), "mail_messages")
    op.drop_column("mail_messages", "request_id")
