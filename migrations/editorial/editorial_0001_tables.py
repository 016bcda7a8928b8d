"""The tables of the room."""

import sqlalchemy as sa
from alembic import op

revision = "editorial_0001"
down_revision = None
branch_labels = ("editorial",)
depends_on = None


def numbered() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "editorial_rights",
        numbered(),
        sa.Column("page_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(length=80), nullable=True),
        sa.Column("deed", sa.String(length=10), server_default=sa.text("'edit'"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.CheckConstraint("(user_id IS NULL) <> (role IS NULL)", name=op.f("ck_editorial_rights_person_or_role")),
        sa.CheckConstraint("deed IN ('edit', 'publish')", name=op.f("ck_editorial_rights_deed")),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["website_pages.id"],
            name=op.f("fk_editorial_rights_page_id_website_pages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editorial_rights")),
        sa.UniqueConstraint(
            "page_id", "user_id", "role", name="uq_editorial_rights_who", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "editorial_entries",
        numbered(),
        moment("at"),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        words("title", 300),
        words("path", 600),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editorial_entries")),
    )
    op.create_index("ix_editorial_entries_at_id", "editorial_entries", ["at", "id"], unique=False)
    op.create_table(
        "editorial_checks",
        numbered(),
        moment("ended_at"),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("links", sa.BigInteger(), nullable=False),
        sa.Column("broken", sa.BigInteger(), nullable=False),
        sa.Column("outside", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editorial_checks")),
    )
    op.create_table(
        "editorial_links",
        numbered(),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=600), nullable=False),
        words("title", 300),
        sa.Column("target", sa.String(length=2000), nullable=False),
        words("words", 300),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editorial_links")),
    )
    op.create_index("ix_editorial_links_path_id", "editorial_links", ["path", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("editorial_links")
    op.drop_table("editorial_checks")
    op.drop_table("editorial_entries")
    op.drop_table("editorial_rights")
