"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "website_0001"
down_revision = None
branch_labels = ("website",)
depends_on = None


def number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def text_id(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("text_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["website_texts.id"], name=f"fk_{table}_text_id_website_texts", ondelete="CASCADE"
        ),
    )


def written() -> list[sa.Column]:
    return [
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("menu_title", sa.String(length=60), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("blocks", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    ]


def editable() -> list[sa.Column]:
    return [
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "website_pages",
        number(),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.String(length=20), server_default=sa.text("'page'"), nullable=False),
        *editable(),
        sa.CheckConstraint("kind IN ('home', 'page')", name=op.f("ck_website_pages_kind")),
        sa.CheckConstraint("(kind = 'home') = (parent_id IS NULL)", name=op.f("ck_website_pages_root")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["website_pages.id"], name=op.f("fk_website_pages_parent_id_website_pages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_pages")),
    )
    op.create_index("ix_website_pages_parent_id_position", "website_pages", ["parent_id", "position"], unique=False)
    op.create_index(
        "uq_website_pages_home",
        "website_pages",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("kind = 'home'"),
    )
    op.create_table(
        "website_texts",
        number(),
        sa.Column("page_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["website_pages.id"], name=op.f("fk_website_texts_page_id_website_pages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_texts")),
        sa.UniqueConstraint("page_id", "language", name="uq_website_texts_page_id_language"),
        sa.UniqueConstraint("path", name="uq_website_texts_path"),
    )
    op.create_table(
        "website_drafts",
        number(),
        *text_id("website_drafts"),
        sa.Column("saved_by", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        *written(),
        *editable(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_drafts")),
        sa.UniqueConstraint("text_id", name="uq_website_drafts_text_id"),
    )
    op.create_table(
        "website_revisions",
        number(),
        *text_id("website_revisions"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("by_name", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("kept", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *written(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_revisions")),
    )
    op.create_index("ix_website_revisions_text_id_id", "website_revisions", ["text_id", "id"], unique=False)
    op.create_table(
        "website_publications",
        *text_id("website_publications"),
        sa.Column("revision_id", sa.BigInteger(), nullable=True),
        sa.Column("next_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expire_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["website_revisions.id"],
            name=op.f("fk_website_publications_revision_id_website_revisions"),
        ),
        sa.ForeignKeyConstraint(
            ["next_id"], ["website_revisions.id"], name=op.f("fk_website_publications_next_id_website_revisions")
        ),
        sa.PrimaryKeyConstraint("text_id", name=op.f("pk_website_publications")),
    )
    op.create_index("ix_website_publications_next_id", "website_publications", ["next_id"], unique=False)
    op.create_index("ix_website_publications_revision_id", "website_publications", ["revision_id"], unique=False)
    op.create_table(
        "website_previews",
        number(),
        *text_id("website_previews"),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_previews")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_website_previews_token_hash")),
    )
    op.create_index("ix_website_previews_text_id", "website_previews", ["text_id"], unique=False)
    op.create_table(
        "website_editors",
        *text_id("website_editors"),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("text_id", "user_id", name=op.f("pk_website_editors")),
    )


def downgrade() -> None:
    for table in ("editors", "previews", "publications", "revisions", "drafts", "texts", "pages"):
        op.drop_table(f"website_{table}")
