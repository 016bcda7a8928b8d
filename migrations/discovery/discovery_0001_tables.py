"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "discovery_0001"
down_revision = None
branch_labels = ("discovery",)
depends_on = None

EMPTY = sa.text("''")
NOW = sa.text("now()")


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=None if nullable else NOW, nullable=nullable)


def _count(name: str, kind: type = sa.BigInteger) -> sa.Column:
    return sa.Column(name, kind(), server_default=sa.text("0"), nullable=False)


def _editable() -> tuple[sa.Column, ...]:
    version = sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    return (version, _moment("created_at"), _moment("updated_at"))


def upgrade() -> None:
    op.create_table(
        "discovery_pages",
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("body", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("picture", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("others", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_discovery_pages")),
    )
    op.create_index("ix_discovery_pages_search", "discovery_pages", ["search"], postgresql_using="gin")
    op.create_index("ix_discovery_pages_language_path", "discovery_pages", ["language", "path"])
    op.create_table(
        "discovery_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signature", sa.Text(), server_default=EMPTY, nullable=False),
        _moment("made_at"),
        sa.CheckConstraint("id = 1", name=op.f("ck_discovery_state_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_state")),
    )
    op.create_table(
        "discovery_searches",
        _id(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        _count("count", sa.Integer),
        _count("found", sa.Integer),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_searches")),
        sa.UniqueConstraint("day", "language", "words", name="uq_discovery_searches_day_language_words"),
    )
    op.create_table(
        "discovery_promotions",
        _id(),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        *_editable(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_promotions")),
        sa.UniqueConstraint("language", "words", "path", name="uq_discovery_promotions_language_words_path"),
    )
    op.create_table(
        "discovery_redirects",
        _id(),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("target", sa.String(length=400), server_default=EMPTY, nullable=False),
        sa.Column("kind", sa.Integer(), server_default=sa.text("301"), nullable=False),
        sa.Column("origin", sa.String(length=10), server_default=sa.text("'hand'"), nullable=False),
        _count("hits"),
        _moment("last_hit", nullable=True),
        *_editable(),
        sa.CheckConstraint("kind IN (301, 302, 410)", name=op.f("ck_discovery_redirects_kind")),
        sa.CheckConstraint("(kind = 410) = (target = '')", name=op.f("ck_discovery_redirects_target")),
        sa.CheckConstraint("source <> target", name=op.f("ck_discovery_redirects_itself")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_redirects")),
        sa.UniqueConstraint("source", name="uq_discovery_redirects_source"),
    )
    op.create_index("ix_discovery_redirects_target", "discovery_redirects", ["target"])
    op.create_index("ix_discovery_redirects_hits_id", "discovery_redirects", ["hits", "id"])
    op.create_table(
        "discovery_missing",
        _id(),
        sa.Column("path", sa.String(length=400), nullable=False),
        _count("count"),
        _moment("first_at"),
        _moment("last_at"),
        sa.Column("ignored", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_missing")),
        sa.UniqueConstraint("path", name="uq_discovery_missing_path"),
    )
    op.create_index("ix_discovery_missing_count_id", "discovery_missing", ["count", "id"])
    op.create_index("ix_discovery_missing_last_at_id", "discovery_missing", ["last_at", "id"])


def downgrade() -> None:
    for table in ("missing", "redirects", "promotions", "searches", "state", "pages"):
        op.drop_table(f"discovery_{table}")
