"""Marks on the time, alerts with their rules, and weekly reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "traffic_0003"
down_revision = "traffic_0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
RECEIVERS = postgresql.ARRAY(sa.String(60))
RULES = """
    INSERT INTO traffic_alert_rules (kind, threshold, window_minutes, least, receivers, pause_minutes) VALUES
    ('failures', 5, 15, 50, '{role:owner}', 60),
    ('drop', 80, 60, 100, '{role:owner}', 240),
    ('slow', 3, 15, 50, '{role:owner}', 60),
    ('attacker', 50, 60, 0, '{role:owner}', 1440),
    ('certificate', 14, 60, 0, '{role:owner}', 1440)
"""


def _edited() -> tuple[sa.Column, ...]:
    return (
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.text("now()"), nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "traffic_time_marks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("release", sa.String(100), server_default=sa.text("''"), nullable=False),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("author", sa.String(200), server_default=sa.text("''"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('deploy', 'note')", name=op.f("ck_traffic_time_marks_kind")),
        sa.CheckConstraint("(kind = 'deploy') = (release <> '')", name=op.f("ck_traffic_time_marks_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_time_marks")),
    )
    op.create_index(op.f("ix_traffic_time_marks_at"), "traffic_time_marks", ["at"])
    op.create_index(
        op.f("uq_traffic_time_marks_release"), "traffic_time_marks", ["release"], unique=True,
        postgresql_where=sa.text("release <> ''"),
    )  # fmt: skip
    op.create_table(
        "traffic_alert_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), server_default=sa.text("''"), nullable=False),
        sa.Column("threshold", sa.Numeric(12, 3), nullable=False),
        sa.Column("window_minutes", sa.Integer(), server_default=sa.text("15"), nullable=False),
        sa.Column("least", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("receivers", RECEIVERS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("pause_minutes", sa.Integer(), server_default=sa.text("60"), nullable=False),
        sa.Column("tell_end", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *_edited(),
        sa.CheckConstraint(
            "kind IN ('failures', 'drop', 'slow', 'attacker', 'certificate')", name=op.f("ck_traffic_alert_rules_kind")
        ),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_traffic_alert_rules_threshold")),
        sa.CheckConstraint("window_minutes BETWEEN 1 AND 1440", name=op.f("ck_traffic_alert_rules_window")),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_traffic_alert_rules_quiet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_alert_rules")),
    )
    op.execute(RULES)
    op.create_table(
        "traffic_alert_checks",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("value", sa.Numeric(16, 3), nullable=True),
        sa.Column("problem", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["traffic_alert_rules.id"], ondelete="CASCADE",
            name=op.f("fk_traffic_alert_checks_rule_id_traffic_alert_rules"),
        ),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_traffic_alert_checks")),
    )  # fmt: skip
    op.create_table(
        "traffic_alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(255), server_default=sa.text("''"), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("met_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("threshold", sa.Numeric(12, 3), nullable=False),
        sa.Column("value", sa.Numeric(16, 3), nullable=False),
        sa.Column("worst", sa.Numeric(16, 3), nullable=False),
        sa.Column("figures", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["traffic_alert_rules.id"], ondelete="CASCADE",
            name=op.f("fk_traffic_alerts_rule_id_traffic_alert_rules"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_alerts")),
    )  # fmt: skip
    op.create_index(op.f("ix_traffic_alerts_rule_id"), "traffic_alerts", ["rule_id"])
    op.create_index(op.f("ix_traffic_alerts_opened_at"), "traffic_alerts", ["opened_at"])
    op.create_index(
        op.f("uq_traffic_alerts_open"), "traffic_alerts", ["rule_id", "subject"], unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "traffic_alert_notices",
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.CheckConstraint("what IN ('opened', 'closed')", name=op.f("ck_traffic_alert_notices_what")),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["traffic_alerts.id"], ondelete="CASCADE",
            name=op.f("fk_traffic_alert_notices_alert_id_traffic_alerts"),
        ),
        sa.PrimaryKeyConstraint("alert_id", "user_id", "what", name=op.f("pk_traffic_alert_notices")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_traffic_alert_notices_waiting"), "traffic_alert_notices", ["user_id"],
        postgresql_where=sa.text("mailed_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "traffic_week_reports",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_traffic_week_reports")),
    )
    op.create_table(
        "traffic_report_readers",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("receivers", RECEIVERS, server_default=sa.text("'{}'"), nullable=False),
        *_edited(),
        sa.CheckConstraint("id = 1", name=op.f("ck_traffic_report_readers_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_report_readers")),
    )
    op.execute("INSERT INTO traffic_report_readers (receivers) VALUES ('{role:owner}')")


def downgrade() -> None:
    for name in (
        "report_readers", "week_reports", "alert_notices", "alerts", "alert_checks", "alert_rules", "time_marks",
    ):  # fmt: skip
        op.drop_table(f"traffic_{name}")
