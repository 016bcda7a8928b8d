"""Classes of visitors with the rules that tell them, and the countries of networks."""

import sqlalchemy as sa
from alembic import op

revision = "traffic_0002"
down_revision = "traffic_0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "traffic_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("class", sa.String(10), nullable=False),
        sa.Column("subject", sa.String(10), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("answered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("origin", sa.String(40), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "class IN ('person', 'search', 'ai', 'monitor', 'attack', 'staff', 'bot')",
            name=op.f("ck_traffic_rules_class"),
        ),
        sa.CheckConstraint(
            "subject IN ('agent', 'path', 'query', 'referrer', 'network', 'misses')",
            name=op.f("ck_traffic_rules_subject"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_rules")),
    )
    op.create_index(
        op.f("uq_traffic_rules_origin"), "traffic_rules", ["origin"], unique=True,
        postgresql_where=sa.text("origin <> ''"),
    )  # fmt: skip
    op.create_table(
        "traffic_marks",
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("text_id", "rule_id", name=op.f("pk_traffic_marks")),
    )
    op.create_table(
        "traffic_visitors",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitor", sa.BigInteger(), nullable=False),
        sa.Column("class", sa.String(10), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("text_id", sa.Integer(), nullable=True),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("attacks", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("network_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("day", "visitor", name=op.f("pk_traffic_visitors")),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_table(
        "traffic_classified",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_traffic_classified")),
    )
    op.create_table(
        "traffic_networks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("build", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["traffic_texts.id"], name=op.f("fk_traffic_networks_id_traffic_texts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_networks")),
    )
    op.create_index(op.f("ix_traffic_networks_country"), "traffic_networks", ["country"])


def downgrade() -> None:
    for name in ("networks", "classified", "visitors", "marks", "rules"):
        op.drop_table(f"traffic_{name}")
