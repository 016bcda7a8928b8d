"""The temporary tables of an import, and the lock under which imports store one after the other."""

from __future__ import annotations

from typing import Any

LOCK = 0x73616C6573  # "sales": one import stores at a time
HASHED = (
    "order_number", "written_at", "sku", "description", "quantity::text", "unit_price::text", "discount::text",
    "customer_number", "country",
)  # fmt: skip
TEXT = 'text COLLATE "C"'
TABLES = (
    "import_lines", "import_repeats", "import_orders", "import_offenders", "import_products", "import_quarantine",
    "import_bases", "import_positions",
)  # fmt: skip


def create_staging(cursor: Any, constants: dict[str, str]) -> None:
    """Make the temporary tables; `constants` are the values of columns that the file does not have (COPY text)."""
    drop_staging(cursor)
    columns = {
        "order_number": "", "ordered_at": None, "written_at": "", "written_key": "", "sku": "", "description": "", "quantity": None,
        "unit_price": None, "discount": "0", "customer_number": "", "customer_name": "", "country": "", "category": "",
    }  # fmt: skip
    types = {
        "ordered_at": "timestamptz",
        "quantity": "numeric(14,3)",
        "unit_price": "numeric(14,4)",
        "discount": "numeric(5,2)",
    }
    values = {**columns, **constants}
    lines = [
        cursor.mogrify(f"{name} {types.get(name, TEXT)} NOT NULL DEFAULT %s", (values[name],)).decode()
        if values[name] is not None
        else f"{name} {types[name]} NOT NULL"
        for name in columns
    ]
    content = " || E'\\x1f' || ".join(HASHED)
    cursor.execute(
        f"CREATE TEMP TABLE import_lines (line bigint NOT NULL, {', '.join(lines)}, "
        f"source_hash uuid GENERATED ALWAYS AS ((written_key || right(md5({content}), 20))::uuid) STORED) ON COMMIT DROP"
    )
    cursor.execute(
        """
        CREATE TEMP TABLE import_quarantine (
            line bigint NOT NULL, raw text NOT NULL, escaped boolean NOT NULL, raw_hash uuid NOT NULL,
            "column" text NOT NULL, reason text NOT NULL, reason_code text NOT NULL, reason_values jsonb NOT NULL
        ) ON COMMIT DROP
        """
    )
    cursor.execute(
        """
        CREATE TEMP TABLE import_offenders (
            line bigint NOT NULL, meaning text NOT NULL, code text NOT NULL, order_number text, expected text, found text
        ) ON COMMIT DROP
        """
    )


def drop_staging(cursor: Any) -> None:
    """Remove the temporary tables; several imports may share one transaction."""
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in TABLES)}")


def try_lock(cursor: Any) -> bool:
    """Whether no other import stores now; then none does until the end of this transaction."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
    return bool(cursor.fetchone()[0])


def wait_for_lock(cursor: Any) -> None:
    """Wait until no other import stores."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
