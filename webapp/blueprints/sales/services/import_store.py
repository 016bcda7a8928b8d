"""The set-based half of an import: from the staged lines to customers, products, orders and lines, in SQL.

All statements run in the caller's transaction on temporary tables: `import_lines` (what was read), `import_offenders`
(lines that contradict their order), `import_orders`, `import_products`, `import_quarantine`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webapp.blueprints.sales.services.import_mapping import Mapping

STEPS = 4
XID = "pg_current_xact_id()::text::bigint"


@dataclass(frozen=True)
class Stored:
    """What became of the staged lines. `net` is the sum over the accepted ones; the counts are of what they name.

    `new_…` are those that were not there before; `first_at` and `last_at` the moments (UTC) of the first and last order.
    """

    accepted: int
    already_known: int
    orders: int
    customers: int
    products: int
    net: Decimal
    new_orders: int = 0
    new_customers: int = 0
    new_products: int = 0
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None


def store(
    cursor: Any, import_id: int, mapping: Mapping, already_known: int, step: Callable[[], None] = lambda: None
) -> Stored:
    """Write what is left in `import_lines`, with the customers, products and orders that it needs.

    `step` is called between the statements, `STEPS` times.
    """
    new_customers = _store_customers(cursor, import_id)
    step()
    products, new_products = _store_products(cursor, import_id)
    step()
    new_orders = _store_orders(cursor, import_id, mapping.cancellation_prefix)
    step()
    _store_lines(cursor, import_id)
    step()
    _look_again_at_old_orders(cursor, import_id)
    cursor.execute(
        """
        SELECT coalesce(sum(lines), 0), count(*), count(DISTINCT customer_number) FILTER (WHERE customer_number <> ''),
               coalesce(sum(net), 0), min(ordered_at), max(ordered_at)
        FROM import_orders
        """
    )
    accepted, orders, customers, net, first_at, last_at = cursor.fetchone()
    return Stored(
        int(accepted), already_known, orders, customers, products, Decimal(net), new_orders, new_customers, new_products,
        first_at, last_at,
    )  # fmt: skip


def store_quarantine(cursor: Any, import_id: int, file_sha256: str) -> tuple[int, int]:
    """List the rows put aside; how many are open, and how many had been dealt with after an earlier import.

    A row that is open already is listed once, with the newest reason. A row of an earlier import of this very file that
    is not put aside any more (the mapping was corrected) counts as replayed.
    """
    cursor.execute(
        """
        WITH numbered AS (
            SELECT *, row_number() OVER (PARTITION BY raw_hash ORDER BY line) AS raw_occurrence FROM import_quarantine
        ), stored AS (
            INSERT INTO sales_quarantined_rows AS q (import_id, line_number, raw, escaped, raw_hash, raw_occurrence,
                "column", reason, reason_code, reason_values)
            SELECT %(import)s, line, raw, escaped, raw_hash, raw_occurrence, "column", reason, reason_code, reason_values
            FROM numbered ORDER BY line
            ON CONFLICT (raw_hash, raw_occurrence) DO UPDATE SET import_id = excluded.import_id,
                earlier_import_id = nullif(q.import_id, excluded.import_id),
                line_number = excluded.line_number, "column" = excluded."column", reason = excluded.reason,
                reason_code = excluded.reason_code, reason_values = excluded.reason_values
            WHERE q.state = 'open'
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM stored), (SELECT count(*) FROM numbered)
        """,
        {"import": import_id},
    )
    listed, all_rows = cursor.fetchone()
    cursor.execute(
        """
        UPDATE sales_quarantined_rows q SET state = 'replayed', settled_import_id = %(import)s FROM sales_imports i
        WHERE i.id = q.import_id AND q.state = 'open' AND q.import_id <> %(import)s AND i.file_sha256 = %(sha256)s
        """,
        {"import": import_id, "sha256": file_sha256},
    )
    return int(listed), int(all_rows) - int(listed)


def _create(cursor: Any, import_id: int, kind: str, insert: str) -> int:
    """Run the INSERT of new customers, products or categories and note them as made by the import; how many those are."""
    cursor.execute(
        f"""
        WITH made AS ({insert} RETURNING id)
        INSERT INTO sales_import_creations (kind, row_id, import_id, xid) SELECT %s, id, %s, {XID} FROM made
        """,  # noqa: S608 - the statements are the ones below
        (kind, import_id),
    )
    return int(cursor.rowcount)


def _store_customers(cursor: Any, import_id: int) -> int:
    return _create(
        cursor,
        import_id,
        "customer",
        """
        INSERT INTO crm_customers (number, name, country)
        SELECT n.number, coalesce(named.name, n.number), n.country
        FROM (
            SELECT DISTINCT ON (customer_number) customer_number AS number, country FROM import_orders
            WHERE customer_number <> '' ORDER BY customer_number, ordered_at DESC, first_line DESC
        ) n
        LEFT JOIN (
            SELECT DISTINCT ON (customer_number) customer_number AS number, customer_name AS name FROM import_lines
            WHERE customer_number <> '' AND customer_name <> '' ORDER BY customer_number, line
        ) named USING (number)
        WHERE NOT EXISTS (SELECT FROM crm_customers c WHERE c.number = n.number)
        ORDER BY n.number
        ON CONFLICT (number) DO NOTHING
        """,
    )


def _store_products(cursor: Any, import_id: int) -> tuple[int, int]:
    """How many products the lines name, and how many of those are new."""
    cursor.execute(
        """
        CREATE TEMP TABLE import_products ON COMMIT DROP AS
        SELECT sku, min(line) FILTER (WHERE description <> '') AS named_line,
               max(ordered_at) FILTER (WHERE unit_price > 0) AS priced_at,
               min(line) FILTER (WHERE category <> '') AS sorted_line
        FROM import_lines GROUP BY sku
        """
    )
    products = int(cursor.rowcount)
    _create(
        cursor,
        import_id,
        "category",
        """
        INSERT INTO catalogue_categories (name)
        SELECT DISTINCT l.category FROM import_lines l WHERE l.category <> '' ORDER BY l.category
        ON CONFLICT (name) DO NOTHING
        """,
    )
    cursor.execute("ANALYZE import_products")
    new = _create(
        cursor,
        import_id,
        "product",
        """
        INSERT INTO catalogue_products (sku, name, price, category_id)
        SELECT i.sku, coalesce(named.description, i.sku), coalesce(priced.price, 0), c.id
        FROM import_products i
        LEFT JOIN import_lines named ON named.line = i.named_line
        LEFT JOIN import_lines sorted ON sorted.line = i.sorted_line
        LEFT JOIN catalogue_categories c ON c.name = sorted.category
        LEFT JOIN (
            SELECT DISTINCT ON (l.sku) l.sku, l.unit_price AS price
            FROM import_lines l JOIN import_products n ON n.sku = l.sku AND n.priced_at = l.ordered_at
            WHERE l.unit_price > 0 ORDER BY l.sku, l.line DESC
        ) priced ON priced.sku = i.sku
        WHERE NOT EXISTS (SELECT FROM catalogue_products p WHERE p.sku = i.sku)
        ORDER BY i.sku
        ON CONFLICT (sku) DO NOTHING
        """,
    )
    cursor.execute("ANALYZE catalogue_products (id, sku)")
    return products, new


def _store_orders(cursor: Any, import_id: int, prefix: str) -> int:
    cursor.execute(
        f"""
        INSERT INTO sales_orders (number, kind, customer_id, country, ordered_at, import_id, imported_xid, net, units, line_count)
        SELECT i.order_number,
               CASE WHEN %(prefix)s <> '' AND starts_with(i.order_number, %(prefix)s) THEN 'cancellation'
                    WHEN i.units < 0 THEN 'return' ELSE 'sale' END,
               c.id, i.country, i.ordered_at, %(import)s, {XID}, i.net, i.units, i.lines
        FROM import_orders i LEFT JOIN crm_customers c ON c.number = i.customer_number AND i.customer_number <> ''
        WHERE NOT EXISTS (SELECT FROM import_bases b WHERE b.order_number = i.order_number)
        ORDER BY i.first_line
        """,  # noqa: S608 - the expression is the one above
        {"prefix": prefix, "import": import_id},
    )
    new = int(cursor.rowcount)
    cursor.execute("ANALYZE sales_orders (id, number)")
    return new


def _store_lines(cursor: Any, import_id: int) -> None:
    """Write the lines, in the order of the file. Orders whose lines lie apart in the file are numbered on their own."""
    cursor.execute(
        """
        CREATE TEMP TABLE import_positions ON COMMIT DROP AS
        SELECT l.line, row_number() OVER (PARTITION BY l.order_number ORDER BY l.line) AS position
        FROM import_lines l JOIN import_orders i USING (order_number) WHERE i.last_line - i.first_line + 1 <> i.lines
        """
    )
    cursor.execute("ANALYZE import_positions, import_repeats, import_bases")
    checked_here = _spare_row_checks(cursor)
    cursor.execute(
        """
        INSERT INTO sales_order_lines (order_id, product_id, position, description, quantity, unit_price, discount,
                                       source_hash, source_occurrence, import_id)
        SELECT o.id, p.id, coalesce(b.last_position, 0) + coalesce(n.position, l.line - i.first_line + 1),
               l.description, l.quantity, l.unit_price, l.discount, l.source_hash, coalesce(r.occurrence, 1), %s
        FROM import_lines l
        JOIN import_orders i ON i.order_number = l.order_number
        JOIN sales_orders o ON o.number = l.order_number
        JOIN catalogue_products p ON p.sku = l.sku
        LEFT JOIN import_repeats r ON r.line = l.line
        LEFT JOIN import_positions n ON n.line = l.line
        LEFT JOIN import_bases b ON b.order_id = o.id
        """,
        (import_id,),
    )
    written = cursor.rowcount
    if checked_here:
        cursor.execute("SET LOCAL session_replication_role = origin")
    cursor.execute("SELECT count(*) FROM import_lines")
    if written != cursor.fetchone()[0]:
        raise RuntimeError("an order or a product was deleted while its lines were being stored")


def _spare_row_checks(cursor: Any) -> bool:
    """Switch the triggers off for the one statement that writes all lines, if this role may; whether it did.

    PostgreSQL checks foreign keys row by row, half the time of an import. Here they hold by construction: the keys come
    from joins, the orders were written or locked by this transaction, and the products are locked now. The totals that
    the lines' own trigger would make are written with the orders. A role gets the right from
    GRANT SET ON PARAMETER session_replication_role TO it; without it all is the same, only slower.
    """
    cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    if not cursor.fetchone()[0]:
        return False
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM catalogue_products p JOIN import_products i ON i.sku = p.sku FOR KEY SHARE OF p) x"
    )
    cursor.execute("SET LOCAL session_replication_role = replica")
    return True


def _look_again_at_old_orders(cursor: Any, import_id: int) -> None:
    """Orders that got more lines: totals anew, edit forms out of date; what an import decided, it decides again.

    How they were before is kept for an undo, unless this very import made or changed them before.
    """
    cursor.execute(
        """
        INSERT INTO sales_import_touches (import_id, order_id, ordered_at, customer_id, country, kind)
        SELECT %(import)s, b.order_id, b.ordered_at, b.customer_id, b.country, b.kind
        FROM import_bases b JOIN sales_orders o ON o.id = b.order_id WHERE o.import_id IS DISTINCT FROM %(import)s
        ON CONFLICT (import_id, order_id) DO NOTHING
        """,
        {"import": import_id},
    )
    cursor.execute(
        f"""
        WITH totals AS (
            SELECT l.order_id, sum(l.net) AS net, sum(l.quantity) AS units, count(*) AS lines
            FROM sales_order_lines l JOIN import_bases b ON b.order_id = l.order_id GROUP BY l.order_id
        )
        UPDATE sales_orders o SET version = o.version + 1, updated_at = now(),
            imported_xid = {XID}, people_xid = CASE WHEN b.by_people THEN {XID} ELSE o.people_xid END,
            net = t.net, units = t.units, line_count = t.lines,
            ordered_at = CASE WHEN o.import_id IS NULL THEN o.ordered_at ELSE least(o.ordered_at, i.ordered_at) END,
            customer_id = CASE WHEN o.import_id IS NULL THEN o.customer_id ELSE coalesce(o.customer_id, c.id) END,
            country = CASE WHEN o.import_id IS NULL OR o.country <> '' THEN o.country ELSE i.country END,
            kind = CASE WHEN o.import_id IS NULL OR o.kind = 'cancellation' THEN o.kind
                        WHEN t.units < 0 THEN 'return' ELSE 'sale' END
        FROM import_bases b JOIN totals t ON t.order_id = b.order_id JOIN import_orders i USING (order_number)
        LEFT JOIN crm_customers c ON c.number = i.customer_number AND i.customer_number <> ''
        WHERE o.id = b.order_id
        """  # noqa: S608 - the expression is the one above
    )
