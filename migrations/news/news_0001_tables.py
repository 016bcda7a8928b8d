"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "news_0001"
down_revision = None
branch_labels = ("news",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "news_tags",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_tags")),
    )
    op.create_table(
        "news_articles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.String(length=20), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picture_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state = 'draft' OR publish_at IS NOT NULL", name=op.f("ck_news_articles_publish_at")),
        sa.CheckConstraint("state IN ('draft', 'published')", name=op.f("ck_news_articles_state")),
        sa.CheckConstraint("expires_at > publish_at", name=op.f("ck_news_articles_expires_at")),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["media_images.id"],
            name=op.f("fk_news_articles_picture_id_media_images"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_articles")),
    )
    op.create_index(op.f("ix_news_articles_picture_id"), "news_articles", ["picture_id"], unique=False)
    op.create_index("ix_news_articles_publish_at_id", "news_articles", ["publish_at", "id"], unique=False)
    op.create_table(
        "news_authors",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("picture_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["media_images.id"],
            name=op.f("fk_news_authors_picture_id_media_images"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_authors")),
        sa.UniqueConstraint("slug", name="uq_news_authors_slug"),
    )
    op.create_index(op.f("ix_news_authors_picture_id"), "news_authors", ["picture_id"], unique=False)
    op.create_table(
        "news_tag_words",
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["news_tags.id"], name=op.f("fk_news_tag_words_tag_id_news_tags"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tag_id", "language", name=op.f("pk_news_tag_words")),
        sa.UniqueConstraint("language", "slug", name="uq_news_tag_words_slug"),
    )
    op.create_table(
        "news_article_tags",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["news_articles.id"],
            name=op.f("fk_news_article_tags_article_id_news_articles"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["news_tags.id"], name=op.f("fk_news_article_tags_tag_id_news_tags"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "tag_id", name=op.f("pk_news_article_tags")),
    )
    op.create_index(op.f("ix_news_article_tags_tag_id"), "news_article_tags", ["tag_id"], unique=False)
    op.create_table(
        "news_article_words",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        sa.Column("body", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["news_articles.id"],
            name=op.f("fk_news_article_words_article_id_news_articles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "language", name=op.f("pk_news_article_words")),
        sa.UniqueConstraint("language", "slug", name="uq_news_article_words_slug"),
    )
    op.create_table(
        "news_bylines",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["news_articles.id"],
            name=op.f("fk_news_bylines_article_id_news_articles"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["news_authors.id"], name=op.f("fk_news_bylines_author_id_news_authors"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("article_id", "author_id", name=op.f("pk_news_bylines")),
    )
    op.create_index(op.f("ix_news_bylines_author_id"), "news_bylines", ["author_id"], unique=False)
    op.create_table(
        "news_revisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["news_articles.id"],
            name=op.f("fk_news_revisions_article_id_news_articles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_revisions")),
        sa.UniqueConstraint("article_id", "number", name="uq_news_revisions_number"),
    )


def downgrade() -> None:
    op.drop_table("news_revisions")
    op.drop_index(op.f("ix_news_bylines_author_id"), table_name="news_bylines")
    op.drop_table("news_bylines")
    op.drop_table("news_article_words")
    op.drop_index(op.f("ix_news_article_tags_tag_id"), table_name="news_article_tags")
    op.drop_table("news_article_tags")
    op.drop_table("news_tag_words")
    op.drop_index(op.f("ix_news_authors_picture_id"), table_name="news_authors")
    op.drop_table("news_authors")
    op.drop_index("ix_news_articles_publish_at_id", table_name="news_articles")
    op.drop_index(op.f("ix_news_articles_picture_id"), table_name="news_articles")
    op.drop_table("news_articles")
    op.drop_table("news_tags")
