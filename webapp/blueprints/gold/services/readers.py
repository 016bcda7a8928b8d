"""Readers of GOLD: PostgreSQL roles that read the rows of their reach and can do nothing else.

Row-level security does it, by policies that the tables of the ETL carry. What a role may change for itself (its time limit,
its read-only default) is held to by what it has no right to do, and by `end_overdue`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from psycopg2.extensions import encrypt_password
from sqlalchemy import Connection, Engine, text

from webapp.blueprints.gold.queries.dimensions import DIMENSIONS
from webapp.blueprints.gold.queries.metrics import METRICS
from webapp.blueprints.gold.queries.reach import Reached
from webapp.blueprints.gold.queries.state import GoldNotThere
from webapp.core.errors import DomainError

LOCK = 0x626F7476
CONNECTIONS = 8
TEMPORARY_FILES = "2GB"
WAIT_FOR_END = 5000  # milliseconds
# what anybody may call in PostgreSQL, and a reader need not: to hold up a run of the ETL, to write large objects
FUNCTIONS = r"^(pg_(try_)?advisory_|lo_|lowrite$|pg_notify$|pg_export_snapshot$|pg_logical_emit_message$)"


class NoRoleForReaders(DomainError):
    """The house's own user of the GOLD server has no right to make roles."""

    status = 503

    def __init__(self, user: str) -> None:
        super().__init__(
            _(
                "The server of GOLD does not let Bottega make a role for each notebook. Its administrator allows it with: %(sql)s",
                sql=f"ALTER ROLE {user} CREATEROLE",
            )
        )


def readers_role(gold: Connection) -> str:
    """The role that all readers of this GOLD are members of; their names begin with it."""
    return str(gold.execute(text("SELECT left(current_database(), 32) || '_notebooks'")).scalar_one())


def reader_name(gold: Connection, number: int, turn: int) -> str:
    """The name of the reader with this number, at its n-th turn."""
    return f"{readers_role(gold)}_{number}_{turn}"


def open_reader(engine: Engine, name: str, *, password: str, reach: Collection[Reached], seconds: int) -> None:
    """Make the reader `name`, or give it this password, reach and time limit (seconds a statement). Safe to call twice.

    Raises GoldNotThere before the first run of the ETL, NoRoleForReaders where the server does not let the house make roles.
    """
    with engine.begin() as gold:
        _enter(gold)
        readers = readers_role(gold)
        _prepare(gold, readers)
        if not _exists(gold, name):
            _do(gold, "CREATE ROLE %I NOLOGIN IN ROLE %I", name, readers)
            if not _is_superuser(gold):
                _do(gold, "GRANT %I TO CURRENT_USER", name)  # to end its connections
        dbapi: Any = gold.connection.dbapi_connection
        secret = encrypt_password(password, name, scope=dbapi, algorithm="scram-sha-256")
        _do(
            gold,
            f"ALTER ROLE %I LOGIN INHERIT CONNECTION LIMIT {CONNECTIONS} PASSWORD %L",
            name,
            secret,
        )
        settings = {
            "statement_timeout": f"{seconds}s",
            "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "300s",
            "default_transaction_read_only": "on",
            "search_path": "public",
            "timezone": "UTC",
        }
        if _is_superuser(gold):
            settings["temp_file_limit"] = TEMPORARY_FILES
        for key, value in settings.items():
            _do(gold, f"ALTER ROLE %I SET {key} = %L", name, value)
        _write_reach(gold, name, reach)
        _write_dictionary(gold)


def renew_reach(engine: Engine, name: str, reach: Collection[Reached]) -> bool:
    """Give a reader this reach from its next statement on; whether it had another."""
    with engine.begin() as gold:
        _enter(gold)
        return _exists(gold, name) and _write_reach(gold, name, reach)


def close_reader(engine: Engine, name: str) -> None:
    """Drop a reader and end its connections; nothing when it is gone."""
    with engine.begin() as gold:
        if not _exists(gold, name):
            return
        _do(gold, "ALTER ROLE %I NOLOGIN", name)
    with engine.begin() as gold:
        gold.execute(
            text("SELECT pg_terminate_backend(pid, :wait) FROM pg_stat_activity WHERE usename = :name"),
            {"name": name, "wait": WAIT_FOR_END},
        ).all()
    with engine.begin() as gold:
        _lock(gold)
        if _there(gold):
            gold.execute(text("DELETE FROM gold_access.reach WHERE role_name = :name"), {"name": name})
        if _exists(gold, name):
            _do(gold, "DROP OWNED BY %I", name)
            _do(gold, "DROP ROLE %I", name)


def list_readers(engine: Engine) -> list[str]:
    """The names of all readers of this GOLD."""
    with engine.connect() as gold:
        query = "SELECT rolname FROM pg_roles WHERE starts_with(rolname::text, :start) ORDER BY 1"
        return list(gold.execute(text(query), {"start": f"{readers_role(gold)}_"}).scalars())


def end_overdue(engine: Engine, *, seconds: int) -> list[str]:
    """End the connections of readers that exceed the limit although it is set: whose they were.

    A role may lift its own limits in PostgreSQL. A transaction that is held open ten times as long is ended too: it would
    keep a run of the ETL from putting new tables in place.
    """
    query = """
        WITH late AS MATERIALIZED (
            SELECT pid, usename FROM pg_stat_activity WHERE starts_with(usename::text, :start)
            AND (state = 'active' AND clock_timestamp() - query_start > make_interval(secs => :seconds)
                 OR clock_timestamp() - xact_start > make_interval(secs => 10 * :seconds)))
        SELECT usename, pg_terminate_backend(pid) FROM late
    """
    with engine.begin() as gold:
        found = gold.execute(text(query), {"start": f"{readers_role(gold)}_", "seconds": seconds})
        return sorted({str(name) for name, _done in found})


def _enter(gold: Connection) -> None:
    if not _there(gold):
        raise GoldNotThere
    may = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    if not gold.execute(text(may)).scalar_one():
        user = gold.execute(text("SELECT current_user")).scalar_one()
        raise NoRoleForReaders(user)
    _lock(gold)


def _there(gold: Connection) -> bool:
    return bool(gold.execute(text("SELECT to_regclass('gold_access.dimensions') IS NOT NULL")).scalar_one())


def _lock(gold: Connection) -> None:
    """One at a time: PostgreSQL refuses two changes of one role or grant at once."""
    gold.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _prepare(gold: Connection, readers: str) -> None:
    """The role of all readers, with the right to read what is guarded, and nothing else."""
    if not _exists(gold, readers):
        _do(gold, "CREATE ROLE %I NOLOGIN", readers)
    _do(gold, "REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC", str(gold.engine.url.database))
    _do(gold, "GRANT USAGE ON SCHEMA public, gold_access TO %I", readers)
    _do(gold, "GRANT SELECT ON gold_access.reach, gold_access.tables, gold_access.metrics, gold_access.dimensions TO %I", readers)  # fmt: skip
    for table in gold.execute(text(_NOT_GIVEN), {"readers": readers}).scalars().all():
        _do(gold, "GRANT SELECT ON public.%I TO %I", table, readers)
    if _is_superuser(gold):
        for function in gold.execute(text(_OPEN_FUNCTIONS), {"names": FUNCTIONS}).scalars().all():
            gold.exec_driver_sql(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        gold.exec_driver_sql("REVOKE SELECT ON pg_stat_activity FROM PUBLIC")


_NOT_GIVEN = """
    SELECT name FROM gold_access.tables
    WHERE to_regclass('public.' || name) IS NOT NULL AND NOT has_table_privilege(:readers, 'public.' || name, 'SELECT')
"""
_OPEN_FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ :names AND has_function_privilege('public', oid, 'EXECUTE')
"""


def _write_reach(gold: Connection, name: str, reach: Collection[Reached]) -> bool:
    query = "SELECT subject, owner_key, group_key FROM gold_access.reach WHERE role_name = :name"
    before = {Reached(*row) for row in gold.execute(text(query), {"name": name})}
    if before == set(reach):
        return False
    gold.execute(text("DELETE FROM gold_access.reach WHERE role_name = :name"), {"name": name})
    rows = [{"name": name, "subject": each.subject, "owner": each.owner, "group": each.group} for each in reach]
    if rows:
        gold.execute(text("INSERT INTO gold_access.reach VALUES (:name, :subject, :owner, :group)"), rows)
    return True


def _write_dictionary(gold: Connection) -> None:
    """Write the definitions of metrics and dimensions into GOLD, where readers find them; nothing when they are there."""
    metrics = [
        {
            "name": metric.key, "place": place, **_both("label", metric.label), **_both("definition", metric.definition),
            "unit": metric.unit.value, "expression": metric.expression,
        }
        for place, metric in enumerate(METRICS.values())
    ]  # fmt: skip
    dimensions = [
        {
            "name": each.key, "place": place, **_both("label", each.label), "expression": each.expression,
            "condition": each.condition, "joined": each.join, "named_by": each.table, "member": each.member,
            "columns": json.dumps(dict(each.columns)),
        }
        for place, each in enumerate(DIMENSIONS.values())
    ]  # fmt: skip
    for table, rows in (("metrics", metrics), ("dimensions", dimensions)):
        names = ", ".join(rows[0])
        values = ", ".join(f"CAST(:{name} AS jsonb)" if name == "columns" else f":{name}" for name in rows[0])
        changed = ", ".join(f"{name} = excluded.{name}" for name in rows[0])
        other = f"({', '.join(f't.{name}' for name in rows[0])}) IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in rows[0])})"  # fmt: skip
        gold.execute(
            text(f"DELETE FROM gold_access.{table} WHERE name <> ALL(:names)"), {"names": [row["name"] for row in rows]}  # noqa: S608 - a word of ours
        )  # fmt: skip
        gold.execute(
            text(
                f"INSERT INTO gold_access.{table} AS t ({names}) VALUES ({values}) "  # noqa: S608 - words of ours
                f"ON CONFLICT (name) DO UPDATE SET {changed} WHERE {other}"
            ),
            rows,
        )


def _both(column: str, words: LazyString) -> dict[str, str]:
    said = {}
    for language in ("en", "it"):
        with force_locale(language):
            said[f"{column}_{language}"] = str(words)
    return said


def _exists(gold: Connection, name: str) -> bool:
    return bool(
        gold.execute(text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)"), {"name": name}).scalar_one()
    )


def _is_superuser(gold: Connection) -> bool:
    return bool(gold.execute(text("SELECT current_setting('is_superuser') = 'on'")).scalar_one())


def _do(gold: Connection, statement: str, *words: str) -> None:
    """Run a statement that takes no parameters: the server itself quotes the `words` into it."""
    places = ", ".join(f":w{number}" for number in range(len(words)))
    values = {f"w{number}": word for number, word in enumerate(words)}
    quoted = gold.execute(text(f"SELECT format(:statement, {places})"), {"statement": statement, **values}).scalar_one()
    gold.exec_driver_sql(str(quoted).replace("%", "%%"))
