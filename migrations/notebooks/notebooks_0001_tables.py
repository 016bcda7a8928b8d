"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "notebooks_0001"
down_revision = None
branch_labels = ("notebooks",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notebooks_engine",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("1"), autoincrement=False, nullable=False),
        sa.Column("house", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("kind", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.String(length=40), server_default=sa.text("''"), nullable=False),
        sa.Column("answers", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("words", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("lacks", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("strangers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_notebooks_engine_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_engine")),
    )
    op.create_table(
        "notebooks_gold_roles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notebook_id", sa.BigInteger(), nullable=False),
        sa.Column("role_name", sa.String(length=63), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_gold_roles")),
        sa.UniqueConstraint("role_name", name="uq_notebooks_gold_roles_role_name"),
    )
    op.create_index("ix_notebooks_gold_roles_notebook_id", "notebooks_gold_roles", ["notebook_id"], unique=False)
    op.create_table(
        "notebooks_images",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("reference", sa.String(length=300), nullable=False),
        sa.Column("description", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("pull_policy", sa.String(length=10), server_default=sa.text("'missing'"), nullable=False),
        sa.Column("cpus", sa.Numeric(precision=6, scale=2), server_default=sa.text("1"), nullable=False),
        sa.Column("memory_mb", sa.BigInteger(), server_default=sa.text("1024"), nullable=False),
        sa.Column("pids", sa.BigInteger(), server_default=sa.text("256"), nullable=False),
        sa.Column("disk_mb", sa.BigInteger(), server_default=sa.text("2048"), nullable=False),
        sa.Column("health_path", sa.String(length=200), server_default=sa.text("'/api'"), nullable=False),
        sa.Column("port", sa.Integer(), server_default=sa.text("8888"), nullable=False),
        sa.Column("home_path", sa.String(length=200), server_default=sa.text("'/home/analyst'"), nullable=False),
        sa.Column("open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "pull_policy IN ('never', 'missing', 'always')", name=op.f("ck_notebooks_images_pull_policy")
        ),
        sa.CheckConstraint(
            "cpus > 0 AND memory_mb >= 64 AND pids >= 16 AND disk_mb >= 16", name=op.f("ck_notebooks_images_resources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_images")),
        sa.UniqueConstraint("name", name="uq_notebooks_images_name"),
    )
    op.create_table(
        "notebooks_usage",
        sa.Column("notebook_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("notebook_name", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        sa.Column("seconds", sa.Numeric(precision=12, scale=1), server_default=sa.text("0"), nullable=False),
        sa.Column("cpu_seconds", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("memory_mb_seconds", sa.Numeric(precision=18, scale=1), server_default=sa.text("0"), nullable=False),
        sa.Column("memory_peak_mb", sa.Numeric(precision=12, scale=1), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("notebook_id", "day", name=op.f("pk_notebooks_usage")),
    )
    op.create_index("ix_notebooks_usage_project_id_day", "notebooks_usage", ["project_id", "day"], unique=False)
    op.create_table(
        "notebooks_notebooks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("image_id", sa.BigInteger(), nullable=False),
        sa.Column("cpus", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("memory_mb", sa.BigInteger(), nullable=False),
        sa.Column("pids", sa.BigInteger(), nullable=False),
        sa.Column("disk_mb", sa.BigInteger(), nullable=False),
        sa.Column("internet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("idle_minutes", sa.BigInteger(), nullable=True),
        sa.Column("timetable", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("wanted", sa.String(length=10), server_default=sa.text("'stopped'"), nullable=False),
        sa.Column("wanted_by", sa.BigInteger(), nullable=True),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'stopped'"), nullable=False),
        sa.Column("step", sa.String(length=20), server_default=sa.text("''"), nullable=False),
        sa.Column("cause", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("engine_id", sa.String(length=80), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("token_sealed", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kernels", sa.String(length=10), server_default=sa.text("''"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stops_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stops_for", sa.String(length=10), server_default=sa.text("''"), nullable=False),
        sa.Column("extended_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timetable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_cpu", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("log", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("log_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("log_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("address IS NULL OR state = 'running'", name=op.f("ck_notebooks_notebooks_route_state")),
        sa.CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'", name=op.f("ck_notebooks_notebooks_slug")),
        sa.CheckConstraint(
            "state IN ('stopped', 'queued', 'starting', 'running', 'stopping', 'failed')",
            name=op.f("ck_notebooks_notebooks_state"),
        ),
        sa.CheckConstraint("wanted IN ('stopped', 'running')", name=op.f("ck_notebooks_notebooks_wanted")),
        sa.CheckConstraint("(address IS NULL) = (port IS NULL)", name=op.f("ck_notebooks_notebooks_route")),
        sa.CheckConstraint(
            "cpus > 0 AND memory_mb >= 64 AND pids >= 16 AND disk_mb >= 16",
            name=op.f("ck_notebooks_notebooks_resources"),
        ),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["notebooks_images.id"],
            name=op.f("fk_notebooks_notebooks_image_id_notebooks_images"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_notebooks")),
        sa.UniqueConstraint("slug", name="uq_notebooks_notebooks_slug"),
    )
    op.create_index(
        "ix_notebooks_notebooks_awake",
        "notebooks_notebooks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state <> 'stopped' OR wanted <> 'stopped'"),
    )
    op.create_index(op.f("ix_notebooks_notebooks_image_id"), "notebooks_notebooks", ["image_id"], unique=False)
    op.create_index(op.f("ix_notebooks_notebooks_project_id"), "notebooks_notebooks", ["project_id"], unique=False)
    op.create_index(op.f("ix_notebooks_notebooks_wanted_by"), "notebooks_notebooks", ["wanted_by"], unique=False)
    op.create_table(
        "notebooks_backups",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notebook_id", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["notebook_id"],
            ["notebooks_notebooks.id"],
            name=op.f("fk_notebooks_backups_notebook_id_notebooks_notebooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_backups")),
    )
    op.create_index("ix_notebooks_backups_notebook_id", "notebooks_backups", ["notebook_id"], unique=False)
    op.create_index(op.f("ix_notebooks_backups_project_id"), "notebooks_backups", ["project_id"], unique=False)
    op.create_table(
        "notebooks_lock_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notebook_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("from_user_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('taken', 'renewed', 'released', 'taken over', 'run out')",
            name=op.f("ck_notebooks_lock_events_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["notebook_id"],
            ["notebooks_notebooks.id"],
            name=op.f("fk_notebooks_lock_events_notebook_id_notebooks_notebooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_lock_events")),
    )
    op.create_index(
        "ix_notebooks_lock_events_notebook_id_id", "notebooks_lock_events", ["notebook_id", "id"], unique=False
    )
    op.create_table(
        "notebooks_locks",
        sa.Column("notebook_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_over_from", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notebook_id"],
            ["notebooks_notebooks.id"],
            name=op.f("fk_notebooks_locks_notebook_id_notebooks_notebooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notebook_id", name=op.f("pk_notebooks_locks")),
    )
    op.create_index(op.f("ix_notebooks_locks_user_id"), "notebooks_locks", ["user_id"], unique=False)
    op.create_table(
        "notebooks_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notebook_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column(
            "parameters", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("words", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("file", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('run', 'rendering')", name=op.f("ck_notebooks_runs_kind")),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_notebooks_runs_state")),
        sa.ForeignKeyConstraint(
            ["notebook_id"],
            ["notebooks_notebooks.id"],
            name=op.f("fk_notebooks_runs_notebook_id_notebooks_notebooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_runs")),
    )
    op.create_index("ix_notebooks_runs_notebook_id_id", "notebooks_runs", ["notebook_id", "id"], unique=False)
    op.create_table(
        "notebooks_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notebook_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notebook_id"],
            ["notebooks_notebooks.id"],
            name=op.f("fk_notebooks_steps_notebook_id_notebooks_notebooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_steps")),
    )
    op.create_index("ix_notebooks_steps_notebook_id_id", "notebooks_steps", ["notebook_id", "id"], unique=False)
    op.create_table(
        "notebooks_volumes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("notebook_id", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("quota_mb", sa.BigInteger(), nullable=True),
        sa.Column("quota_real", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("remove_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("kind IN ('home', 'shared')", name=op.f("ck_notebooks_volumes_kind")),
        sa.ForeignKeyConstraint(
            ["notebook_id"],
            ["notebooks_notebooks.id"],
            name=op.f("fk_notebooks_volumes_notebook_id_notebooks_notebooks"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notebooks_volumes")),
        sa.UniqueConstraint("name", name="uq_notebooks_volumes_name"),
    )
    op.create_index("ix_notebooks_volumes_notebook_id", "notebooks_volumes", ["notebook_id"], unique=False)
    op.create_index("ix_notebooks_volumes_project_id", "notebooks_volumes", ["project_id"], unique=False)
    op.execute(
        """
        CREATE FUNCTION notebooks_keep_slug() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the slug of a notebook never changes' USING ERRCODE = 'check_violation',
                CONSTRAINT = 'ck_notebooks_notebooks_slug_kept';
        END $$;
        CREATE TRIGGER keep_slug BEFORE UPDATE OF slug ON notebooks_notebooks FOR EACH ROW
        WHEN (OLD.slug IS DISTINCT FROM NEW.slug) EXECUTE FUNCTION notebooks_keep_slug();
        INSERT INTO notebooks_engine DEFAULT VALUES;
        """
    )


def downgrade() -> None:
    op.drop_table("notebooks_volumes")
    op.drop_table("notebooks_steps")
    op.drop_table("notebooks_runs", if_exists=True)  # it went over to another room
    op.drop_table("notebooks_locks")
    op.drop_table("notebooks_lock_events")
    op.drop_table("notebooks_backups")
    op.drop_table("notebooks_notebooks")
    op.drop_table("notebooks_usage")
    op.drop_table("notebooks_images")
    op.drop_table("notebooks_gold_roles")
    op.drop_table("notebooks_engine")
    op.execute("DROP FUNCTION notebooks_keep_slug()")
