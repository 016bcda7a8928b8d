"""The staged lines of an import that are not stored: those that are known, and those that contradict their order.

As `import_store`, which stores what is left, it works in SQL on the temporary tables of the caller's transaction.
"""

from __future__ import annotations

from typing import Any

LARGEST_AMOUNT = 10**11


def drop_known(cursor: Any, *, even_if_known: bool = False) -> int:
    """Number the lines of equal content, drop those that an earlier import stored; how many those were.

    With `even_if_known` a known line becomes one more of its content.
    """
    cursor.execute("SET LOCAL default_statistics_target = 10")
    cursor.execute("SET LOCAL work_mem = '64MB'")
    cursor.execute("ANALYZE import_lines")
    cursor.execute(
        """
        CREATE TEMP TABLE import_repeats ON COMMIT DROP AS
        SELECT line, row_number() OVER (PARTITION BY source_hash ORDER BY line) AS occurrence
        FROM import_lines
        WHERE source_hash IN (SELECT source_hash FROM import_lines GROUP BY source_hash HAVING count(*) > 1)
        """
    )
    if even_if_known:
        cursor.execute("DELETE FROM import_repeats")
        cursor.execute(
            """
            INSERT INTO import_repeats (line, occurrence)
            SELECT i.line, 1 + coalesce((SELECT max(l.source_occurrence) FROM sales_order_lines l
                                         WHERE l.source_hash = i.source_hash), 0)
            FROM import_lines i
            """
        )
        return 0
    cursor.execute("SELECT EXISTS (SELECT FROM sales_order_lines WHERE source_hash IS NOT NULL)")
    if not cursor.fetchone()[0]:
        return 0
    cursor.execute(
        """
        DELETE FROM import_lines WHERE line IN (
            SELECT i.line FROM import_lines i LEFT JOIN import_repeats r ON r.line = i.line
            JOIN sales_order_lines l ON l.source_hash = i.source_hash AND l.source_occurrence = coalesce(r.occurrence, 1)
        )
        """
    )
    return int(cursor.rowcount)


def move_offenders(cursor: Any) -> int:
    """Move the lines that contradict their order (its customer, its country) or overflow to `import_offenders`; how many.

    An order belongs to the customer that it has already, else to the first that its lines name; so for the country.
    """
    _sum_up_orders(cursor)
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM import_orders i JOIN sales_orders o ON o.number = i.order_number FOR UPDATE OF o) x"
    )
    cursor.execute(
        """
        CREATE TEMP TABLE import_bases ON COMMIT DROP AS
        SELECT o.id AS order_id, o.number AS order_number, coalesce(c.number, '') AS customer_number, o.country,
               o.ordered_at, o.customer_id, o.kind, o.imported_xid IS DISTINCT FROM o.changed_xid AS by_people,
               (SELECT coalesce(max(l.position), 0) FROM sales_order_lines l WHERE l.order_id = o.id) AS last_position
        FROM import_orders i JOIN sales_orders o ON o.number = i.order_number LEFT JOIN crm_customers c ON c.id = o.customer_id
        """
    )
    moved = 0
    for meaning, code in (("customer_number", "other_customer"), ("country", "other_country")):
        cursor.execute(
            f"""
            WITH suspects AS (
                SELECT i.order_number, coalesce(b.{meaning}, '') AS expected
                FROM import_orders i LEFT JOIN import_bases b ON b.order_number = i.order_number
                WHERE i.{meaning} <> i.last_{meaning}
                   OR i.{meaning} <> '' AND coalesce(b.{meaning}, '') NOT IN ('', i.{meaning})
            ), firsts AS (
                SELECT DISTINCT ON (l.order_number) l.order_number, l.{meaning} AS expected
                FROM import_lines l JOIN suspects USING (order_number)
                WHERE l.{meaning} <> '' ORDER BY l.order_number, l.line
            ), gone AS (
                DELETE FROM import_lines l USING suspects s JOIN firsts f USING (order_number)
                WHERE l.order_number = s.order_number AND l.{meaning} <> ''
                  AND l.{meaning} <> coalesce(nullif(s.expected, ''), f.expected)
                RETURNING l.line, l.order_number, coalesce(nullif(s.expected, ''), f.expected) AS expected, l.{meaning} AS found
            )
            INSERT INTO import_offenders SELECT line, '{meaning}', '{code}', order_number, expected, found FROM gone
            """  # noqa: S608 - the names are the ones above
        )
        moved += cursor.rowcount
    cursor.execute("SELECT max(largest) FROM import_orders")
    if (cursor.fetchone()[0] or 0) >= LARGEST_AMOUNT:
        cursor.execute(
            """
            WITH gone AS (DELETE FROM import_lines WHERE abs(quantity * unit_price) >= %s RETURNING line)
            INSERT INTO import_offenders SELECT line, 'unit_price', 'amount' FROM gone
            """,
            (LARGEST_AMOUNT,),
        )
        moved += cursor.rowcount
    if moved:
        cursor.execute("DROP TABLE import_orders")
        _sum_up_orders(cursor)
        cursor.execute(
            "DELETE FROM import_bases b WHERE NOT EXISTS (SELECT FROM import_orders i WHERE i.order_number = b.order_number)"
        )
    return moved


def _sum_up_orders(cursor: Any) -> None:
    cursor.execute(
        """
        CREATE TEMP TABLE import_orders ON COMMIT DROP AS
        SELECT order_number, min(line) AS first_line, max(line) AS last_line, min(ordered_at) AS ordered_at, count(*) AS lines,
               coalesce(min(nullif(customer_number, '')), '') AS customer_number, max(customer_number) AS last_customer_number,
               coalesce(min(nullif(country, '')), '') AS country, max(country) AS last_country,
               sum(quantity) AS units, sum(round(quantity * unit_price * (100 - discount) / 100, 4)) AS net,
               max(abs(quantity * unit_price)) AS largest
        FROM import_lines GROUP BY order_number
        """
    )
    cursor.execute("ANALYZE import_orders")
