"""The pure parts: calendar, countries, the binary form, the contracts and their dictionary."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event

from etl.contracts import ContractBroken
from etl.gold.tables import DIM_PRODUCT, TABLES
from etl.run import data_dictionary
from etl.transforms.calendar import calendar, years
from etl.transforms.countries import countries
from tests.etl.shop import Shop


def test_every_day_stands_in_its_iso_week() -> None:
    days = calendar(2004, 2027)
    for row in days.itertuples():
        day = row.date_key.date()
        assert (row.iso_year, row.iso_week, row.weekday) == tuple(day.isocalendar())
        assert row.week_start.date() == day - dt.timedelta(days=day.weekday())
        assert row.quarter_start.date() == dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    assert set(days.loc[days["iso_week"] == 53, "iso_year"]) == {2004, 2009, 2015, 2020, 2026}
    assert set(days.loc[days["is_weekend"], "weekday"]) == {6, 7}


def test_the_calendar_speaks_two_languages() -> None:
    first = calendar(2021, 2021).set_index("date_key").loc["2021-01-01"]
    assert list(first[["weekday_name_en", "weekday_name_it", "month_name_en", "month_name_it"]]) == [
        "Friday", "venerdì", "January", "gennaio",
    ]  # fmt: skip
    assert (first["iso_year"], first["iso_week"], first["week_start"]) == (2020, 53, pd.Timestamp("2020-12-28"))


def test_the_years_are_the_companys() -> None:
    new_year = pd.Timestamp("2010-12-31 23:30", tz="UTC")
    now = pd.Timestamp("2012-05-01", tz="UTC")
    assert years((new_year, new_year), [], now, "Europe/Rome") == (2011, 2012)
    assert years((new_year, new_year), [], now, "Europe/London") == (2010, 2012)
    assert years(None, [], now, "Europe/Rome") == (2012, 2012)
    assert years(None, [dt.date(2009, 12, 31), dt.date(2013, 1, 1)], now, "Europe/Rome") == (2009, 2013)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("EIRE", ("IE", "Ireland", "Irlanda")),
        ("RSA", ("ZA", "South Africa", "Sudafrica")),
        ("USA", ("US", "United States", "Stati Uniti")),
        ("Germania", ("DE", "Germany", "Germania")),
        ("it", ("IT", "Italy", "Italia")),
        ("Channel Islands", (None, "Channel Islands", "Isole del Canale")),
        ("Atlantis", (None, "Atlantis", "Atlantis")),
        ("", (None, "Not stated", "Non indicato")),
    ],
)
def test_a_country_text_means_a_country_or_itself(words: str, meaning: tuple[str | None, str, str]) -> None:
    [row] = countries([words, words]).to_dict("records")
    found = (None if pd.isna(row["iso_code"]) else row["iso_code"], row["name_en"], row["name_it"])
    assert (row["country_key"], found) == (words, meaning)


def test_a_frame_that_is_not_what_the_contract_says_is_refused() -> None:
    good = {"product_key": [1], "sku": ["A"], "name": ["A"], "category": [""], "price": [99_000], "vat_rate": [2200]}
    assert len(DIM_PRODUCT.arrange(pd.DataFrame(good))) == 1
    with pytest.raises(ContractBroken, match=r"dim_product\.price carries float64, not a decimal value"):
        DIM_PRODUCT.arrange(pd.DataFrame({**good, "price": [9.9]}))
    with pytest.raises(ContractBroken, match="dim_product: the frame lacks sku"):
        DIM_PRODUCT.arrange(pd.DataFrame(good).drop(columns="sku"))


def test_the_dictionary_lists_every_column_that_is_there(shop: Shop) -> None:
    shop.refine()
    said = data_dictionary()
    present = shop.ask(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, "
        "col_description(c.oid, a.attnum) <> '' FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'etl%' "
        "AND a.attnum > 0 AND NOT a.attisdropped"
    )
    assert len(present) == sum(len(table.columns) for table in TABLES)
    for table, column, sql_type, empty, described in present:
        section = said.split(f"## {table}\n")[1].split("\n## ")[0]
        type_ = sql_type.replace("timestamp with time zone", "timestamptz").replace("character", "char")
        assert any(
            line.startswith(f"| `{column}` | {type_} |") and f"| {'yes' if empty else 'no'} |" in line
            for line in section.splitlines()
        ), (table, column, type_)
        assert described


def test_keys_and_indexes_are_there(shop: Shop) -> None:
    shop.refine()
    names = {name for (name,) in shop.ask("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")}
    for table in TABLES:
        assert f"{table.name}_pkey" in names
        assert {f"ix_{table.name}_{'_'.join(columns)}" for columns in table.indexes} <= names


def test_a_stage_is_looked_up_by_its_key_while_it_is_merged(shop: Shop) -> None:
    shop.order("A1", "2011-01-03 10:00+00", (shop.product("P"), "1", "2.00"))
    shop.refine()
    shop.do("UPDATE sales_orders SET country = 'France'")
    indexes: list[str] = []

    @event.listens_for(shop.gold, "before_cursor_execute")
    def _look(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith("WITH t AS (DELETE FROM fact_sale_line"):
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'stage_fact_sale_line'")
            indexes.extend(definition for (definition,) in cursor.fetchall())

    shop.refine()
    assert [definition.rpartition(" ")[2] for definition in indexes] == ["(line_key)"]
