"""The tables of the room: what falls by the day is partitioned by the day, its parts lie in a schema of their own."""

import sqlalchemy as sa
from alembic import op

revision = "traffic_0001"
down_revision = None
branch_labels = ("traffic",)
depends_on = None

BY_DAY = {"postgresql_partition_by": "RANGE (day)"}
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS traffic_days")
    op.create_table(
        "traffic_files",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=True),
        sa.Column("inode", sa.Numeric(20, 0), nullable=True),
        sa.Column("head_size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("tail_size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tail", sa.LargeBinary(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lines", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("parsed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ignored", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hits", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_at", MOMENT, nullable=True),
        sa.Column("last_at", MOMENT, nullable=True),
        sa.Column("begun_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("lines = parsed + rejected + ignored", name=op.f("ck_traffic_files_book")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_files")),
    )
    op.create_index(op.f("ix_traffic_files_inode"), "traffic_files", ["inode"])
    op.create_index(op.f("ix_traffic_files_family"), "traffic_files", ["family"])
    op.create_table(
        "traffic_book",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.Numeric(30, 0), nullable=False),
        sa.Column("expired", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("derived", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_xid", sa.BigInteger(), server_default=sa.text("pg_current_xact_id()::text::bigint"), nullable=False
        ),
        sa.ForeignKeyConstraint(["file_id"], ["traffic_files.id"], name=op.f("fk_traffic_book_file_id_traffic_files")),
        sa.PrimaryKeyConstraint("file_id", "day", name=op.f("pk_traffic_book")),
    )
    op.create_index(op.f("ix_traffic_book_day"), "traffic_book", ["day"])
    op.create_index(op.f("ix_traffic_book_changed_xid"), "traffic_book", ["changed_xid"])
    op.create_table(
        "traffic_texts",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_texts")),
        sa.UniqueConstraint("kind", "digest", name=op.f("uq_traffic_texts_kind_digest")),
    )
    op.create_table(
        "traffic_agents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("browser_version", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["traffic_texts.id"], name=op.f("fk_traffic_agents_id_traffic_texts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_agents")),
    )
    texts = ("host", "method", "path", "query", "protocol", "referrer", "agent", "cache", "tls", "network")
    op.create_table(
        "traffic_hits",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("visitor", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("upstream_status", sa.SmallInteger(), nullable=True),
        *(sa.Column(f"{name}_id", sa.Integer(), nullable=True) for name in texts),
        sa.Column("request_time", sa.REAL(), nullable=True),
        sa.Column("upstream_time", sa.REAL(), nullable=True),
        sa.Column("request_bytes", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day", "file_id", "place", name=op.f("pk_traffic_hits")),
        **BY_DAY,
    )
    op.create_index(
        op.f("ix_traffic_hits_request_id"), "traffic_hits", ["request_id"],
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "traffic_visits",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitor", sa.BigInteger(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("host_id", "entry_id", "exit_id", "referrer_id", "agent_id", "network_id")
        ),
        sa.PrimaryKeyConstraint("day", "visitor", "started_at", name=op.f("pk_traffic_visits")),
        **BY_DAY,
    )
    op.create_table(
        "traffic_problems",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("shape_id", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("upstream", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("network_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day", "file_id", "place", name=op.f("pk_traffic_problems")),
        **BY_DAY,
    )
    op.create_index(op.f("ix_traffic_problems_shape_id"), "traffic_problems", ["shape_id"])
    op.create_index(
        op.f("ix_traffic_problems_request_id"), "traffic_problems", ["request_id"],
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "traffic_vault",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitor", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "visitor", name=op.f("pk_traffic_vault")),
        **BY_DAY,
    )
    op.create_table(
        "traffic_rejects",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "file_id", "place", name=op.f("pk_traffic_rejects")),
        **BY_DAY,
    )
    op.create_table(
        "traffic_vault_readings",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("read_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traffic_vault_readings")),
    )
    op.create_table(
        "traffic_keys",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_traffic_keys")),
    )
    # what is deleted there shall soon be gone from the disk as well
    op.execute("ALTER TABLE traffic_keys SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)")
    op.create_table(
        "traffic_parts",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("parent", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_traffic_parts")),
    )


def downgrade() -> None:
    for name in (
        "parts", "keys", "vault_readings", "rejects", "vault", "problems", "visits", "hits", "agents", "texts", "book",
        "files",
    ):  # fmt: skip
        op.drop_table(f"traffic_{name}")
    op.execute("DROP SCHEMA traffic_days")
