"""Who else may read GOLD: readers with a role of their own see the rows that `gold_access.reach` gives that role.

The rooms fill that table from their own policy; here are the conditions that the tables carry, so that a table made anew
is guarded before it has a row. Whoever owns the tables, as the ETL and the pages do, sees all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from etl.contracts import Guard, Table

SCHEMA = "gold_access"
READERS = "left(current_database(), 32) || '_notebooks'"
STATE = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.reach (
    role_name name NOT NULL,
    subject text NOT NULL CHECK (subject IN ('orders', 'customers', 'products')),
    owner_key bigint,
    group_key bigint,
    UNIQUE NULLS NOT DISTINCT (role_name, subject, owner_key, group_key)
);
COMMENT ON TABLE {SCHEMA}.reach IS
    'What a role may read: records of an owner, of a group, of an owner in a group; with neither, all of the subject.';
CREATE TABLE IF NOT EXISTS {SCHEMA}.tables (name text PRIMARY KEY);
COMMENT ON TABLE {SCHEMA}.tables IS 'The tables that readers may have: those whose rows are guarded, or for all.';
CREATE TABLE IF NOT EXISTS {SCHEMA}.metrics (
    name text PRIMARY KEY, place integer NOT NULL, label_en text NOT NULL, label_it text NOT NULL,
    definition_en text NOT NULL, definition_it text NOT NULL, unit text NOT NULL, expression text NOT NULL
);
COMMENT ON TABLE {SCHEMA}.metrics IS 'The metrics of the house, each defined once: `expression` is SQL over sale lines `s`.';
CREATE TABLE IF NOT EXISTS {SCHEMA}.dimensions (
    name text PRIMARY KEY, place integer NOT NULL, label_en text NOT NULL, label_it text NOT NULL, expression text NOT NULL,
    condition text NOT NULL, joined text NOT NULL, named_by text NOT NULL, member text NOT NULL, columns jsonb NOT NULL
);
COMMENT ON TABLE {SCHEMA}.dimensions IS 'By what the metrics are split and filtered, as SQL over sale lines `s`.';
ALTER TABLE {SCHEMA}.reach ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own ON {SCHEMA}.reach;
CREATE POLICY own ON {SCHEMA}.reach FOR SELECT USING (role_name = current_user);
"""
_MINE = f"FROM {SCHEMA}.reach r WHERE r.role_name = current_user AND r.subject"


def rows_of(subject: str, *, or_also: str = "") -> Guard:
    """The rows whose owner or group the reader's role reaches, by `owner_key` and `group_key`; all, when it reaches all.

    The parts are no questions of the row, so that each is asked once a statement.
    """
    mine = f"{_MINE} = '{subject}'"
    parts = [
        _everything(subject),
        f"owner_key = ANY (ARRAY(SELECT r.owner_key {mine} AND r.owner_key IS NOT NULL AND r.group_key IS NULL))",
        f"group_key = ANY (ARRAY(SELECT r.group_key {mine} AND r.owner_key IS NULL AND r.group_key IS NOT NULL))",
        f"(owner_key, group_key) IN (SELECT r.owner_key, r.group_key {mine} AND (r.owner_key, r.group_key) IS NOT NULL)",
        *([or_also] if or_also else []),
    ]
    return Guard(" OR ".join(parts))


def everything_of(subject: str) -> Guard:
    """All rows for a role that reaches all records of the subject, else none: as with sums, which tell of all of them."""
    return Guard(_everything(subject))


def something_of(subject: str) -> Guard:
    """All rows for a role that reaches any record of the subject."""
    return Guard(f"(SELECT EXISTS (SELECT {_MINE} = '{subject}'))")


def _everything(subject: str) -> str:
    return f"(SELECT EXISTS (SELECT {_MINE} = '{subject}' AND r.owner_key IS NULL AND r.group_key IS NULL))"


def prepare(gold: Connection) -> None:
    """Make what the guards ask, where it lacks."""
    if gold.execute(text(f"SELECT to_regclass('{SCHEMA}.tables') IS NULL")).scalar_one():
        gold.exec_driver_sql(STATE)


def open_tables(gold: Connection, tables: Iterable[Table]) -> None:
    """Give the readers, if there are such roles, those of these tables that are there and guarded as promised."""
    for table in tables:
        query = "SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(:name)"
        guarded = gold.execute(text(query), {"name": f"public.{table.name}"}).scalar()
        if guarded is None or (table.guard and not guarded):
            continue
        gold.execute(text(f"INSERT INTO {SCHEMA}.tables VALUES (:name) ON CONFLICT DO NOTHING"), {"name": table.name})
        gold.execute(text(_GRANT.format(table=table.name)))


_GRANT = f"""
DO $$ DECLARE readers name := {READERS}; BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = readers)
       AND NOT has_table_privilege(readers, 'public.{{table}}', 'SELECT') THEN
        EXECUTE format('GRANT SELECT ON public.{{table}} TO %I', readers);
    END IF;
END $$
"""
