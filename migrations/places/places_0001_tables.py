"""The tables of the room."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "places_0001"
down_revision = None
branch_labels = ("places",)
depends_on = None

EMPTY = sa.text("''")
NO_WEEK = sa.text("'[[], [], [], [], [], [], []]'::jsonb")


def _editable(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), server_default=EMPTY, nullable=False)


def _site(table: str, *, nullable: bool = False, ondelete: str = "CASCADE") -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("site_id", sa.BigInteger(), nullable=nullable),
        sa.ForeignKeyConstraint(
            ["site_id"], ["places_sites.id"], name=op.f(f"fk_{table}_site_id_places_sites"), ondelete=ondelete
        ),
    )


def upgrade() -> None:
    op.create_table(
        "places_sites",
        _id(),
        _text("name_it", 120),
        _text("name_en", 120),
        _text("street", 200),
        _text("postcode", 20),
        _text("city", 100),
        _text("country", 60),
        sa.Column("latitude", sa.Numeric(8, 6), nullable=True),
        sa.Column("longitude", sa.Numeric(9, 6), nullable=True),
        _text("directions_it", 1000),
        _text("directions_en", 1000),
        sa.Column("main", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("week", postgresql.JSONB(), server_default=NO_WEEK, nullable=False),
        sa.Column("holiday_country", sa.String(length=2), server_default=sa.text("'IT'"), nullable=False),
        _text("holiday_subdivision", 10),
        sa.Column("holiday_rules", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        *_editable("places_sites"),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_places_sites_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_places_sites_longitude")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_places_sites_coordinates")),
    )
    op.create_index("uq_places_sites_main", "places_sites", ["main"], unique=True, postgresql_where=sa.text("main"))
    op.create_table(
        "places_seasons",
        _id(),
        *_site("places_seasons"),
        _text("name_it", 120),
        _text("name_en", 120),
        sa.Column("yearly", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("week", postgresql.JSONB(), server_default=NO_WEEK, nullable=False),
        *_editable("places_seasons"),
        sa.CheckConstraint("yearly OR first <= last", name=op.f("ck_places_seasons_days")),
    )
    op.create_index(op.f("ix_places_seasons_site_id"), "places_seasons", ["site_id"])
    op.create_table(
        "places_specials",
        _id(),
        *_site("places_specials"),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        _text("words_it", 200),
        _text("words_en", 200),
        sa.Column("slots", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        *_editable("places_specials"),
        sa.CheckConstraint("first <= last", name=op.f("ck_places_specials_days")),
    )
    op.create_index("ix_places_specials_site_id_last", "places_specials", ["site_id", "last"])
    op.create_table(
        "places_departments",
        _id(),
        *_site("places_departments", nullable=True, ondelete="SET NULL"),
        _text("name_it", 120),
        _text("name_en", 120),
        _text("person", 120),
        _text("phone", 40),
        _text("email", 254),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        *_editable("places_departments"),
    )
    op.create_index(op.f("ix_places_departments_site_id"), "places_departments", ["site_id"])
    op.create_table(
        "places_ways",
        _id(),
        *_site("places_ways", nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        _text("label_it", 120),
        _text("label_en", 120),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        *_editable("places_ways"),
    )
    op.create_index(op.f("ix_places_ways_site_id"), "places_ways", ["site_id"])


def downgrade() -> None:
    for table in ("ways", "departments", "specials", "seasons", "sites"):
        op.drop_table(f"places_{table}")
