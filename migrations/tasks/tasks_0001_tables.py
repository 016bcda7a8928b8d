"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "tasks_0001"
down_revision = None
branch_labels = ("tasks",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tasks_processes",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("note", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("role IN ('worker', 'scheduler')", name=op.f("ck_tasks_processes_role")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tasks_processes")),
    )
    op.create_table(
        "tasks_schedules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("args", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cron", sa.String(length=120), nullable=False),
        sa.Column("missed", sa.String(length=10), server_default=sa.text("'once'"), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("alarm_minutes", sa.BigInteger(), server_default=sa.text("15"), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(length=80), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("missed IN ('skip', 'once', 'all')", name=op.f("ck_tasks_schedules_missed")),
        sa.CheckConstraint("NOT paused OR next_at IS NULL", name=op.f("ck_tasks_schedules_paused")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks_schedules")),
        sa.UniqueConstraint("name", name="uq_tasks_schedules_name"),
        sa.UniqueConstraint("origin", name="uq_tasks_schedules_origin"),
    )
    op.create_index(op.f("ix_tasks_schedules_next_at"), "tasks_schedules", ["next_at"], unique=False)
    op.create_table(
        "tasks_alarms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("schedule_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["tasks_schedules.id"],
            name=op.f("fk_tasks_alarms_schedule_id_tasks_schedules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks_alarms")),
        sa.UniqueConstraint("schedule_id", "due_at", name="uq_tasks_alarms_slot"),
    )
    op.create_table(
        "tasks_tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("args", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=True),
        sa.Column("alone", sa.String(length=300), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=10), server_default=sa.text("'en'"), nullable=False),
        sa.Column("request_id", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("schedule_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("most_attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sends", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("progress_done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("progress_total", sa.BigInteger(), nullable=True),
        sa.Column("progress_words", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (token IS NOT NULL AND lease_until IS NOT NULL)", name=op.f("ck_tasks_tasks_lease")
        ),
        sa.CheckConstraint(
            "(state IN ('queued', 'running')) = (finished_at IS NULL)", name=op.f("ck_tasks_tasks_finished")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'lost')", name=op.f("ck_tasks_tasks_state")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["tasks_tasks.id"], name=op.f("fk_tasks_tasks_parent_id_tasks_tasks"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["tasks_schedules.id"],
            name=op.f("fk_tasks_tasks_schedule_id_tasks_schedules"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks_tasks")),
    )
    op.create_index("ix_tasks_tasks_kind_id", "tasks_tasks", ["kind", "id"], unique=False)
    op.create_index(op.f("ix_tasks_tasks_parent_id"), "tasks_tasks", ["parent_id"], unique=False)
    op.create_index(op.f("ix_tasks_tasks_schedule_id"), "tasks_tasks", ["schedule_id"], unique=False)
    op.create_index("ix_tasks_tasks_state_id", "tasks_tasks", ["state", "id"], unique=False)
    op.create_index("ix_tasks_tasks_user_id_id", "tasks_tasks", ["user_id", "id"], unique=False)
    op.create_index(
        "ix_tasks_tasks_waiting",
        "tasks_tasks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "uq_tasks_tasks_alone", "tasks_tasks", ["alone"], unique=True, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index(
        "uq_tasks_tasks_key",
        "tasks_tasks",
        ["kind", "key"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running', 'done')"),
    )
    op.create_table(
        "tasks_log_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("level", sa.String(length=10), server_default=sa.text("'info'"), nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint("level IN ('info', 'warning', 'error')", name=op.f("ck_tasks_log_lines_level")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks_tasks.id"], name=op.f("fk_tasks_log_lines_task_id_tasks_tasks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks_log_lines")),
    )
    op.create_index(op.f("ix_tasks_log_lines_task_id"), "tasks_log_lines", ["task_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_tasks_log_lines_task_id"), table_name="tasks_log_lines")
    op.drop_table("tasks_log_lines")
    op.drop_index(
        "uq_tasks_tasks_key",
        table_name="tasks_tasks",
        postgresql_where=sa.text("state IN ('queued', 'running', 'done')"),
    )
    op.drop_index("uq_tasks_tasks_alone", table_name="tasks_tasks", postgresql_where=sa.text("state = 'running'"))
    op.drop_index(
        "ix_tasks_tasks_waiting", table_name="tasks_tasks", postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.drop_index("ix_tasks_tasks_user_id_id", table_name="tasks_tasks")
    op.drop_index("ix_tasks_tasks_state_id", table_name="tasks_tasks")
    op.drop_index(op.f("ix_tasks_tasks_schedule_id"), table_name="tasks_tasks")
    op.drop_index(op.f("ix_tasks_tasks_parent_id"), table_name="tasks_tasks")
    op.drop_index("ix_tasks_tasks_kind_id", table_name="tasks_tasks")
    op.drop_table("tasks_tasks")
    op.drop_table("tasks_alarms")
    op.drop_index(op.f("ix_tasks_schedules_next_at"), table_name="tasks_schedules")
    op.drop_table("tasks_schedules")
    op.drop_table("tasks_processes")
