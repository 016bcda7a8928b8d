"""What a flow says that it reads is what it reads; and GOLD tells it to whoever looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from etl.run import FLOWS, RunFailed, plan, run_flows
from tests.etl.shop import NOW, Shop

ALL_RUNS = {"core_company", "core_deletions"}


@pytest.fixture
def reader(shop: Shop) -> Iterator[Engine]:
    """The shop's database for a role that may read what it is granted."""
    shop.do("DROP ROLE IF EXISTS bottega_reader")
    shop.do("CREATE ROLE bottega_reader")
    engine = create_engine(shop.source.url, connect_args={"options": "-c role=bottega_reader"})
    yield engine
    engine.dispose()
    shop.do("DROP OWNED BY bottega_reader")
    shop.do("DROP ROLE bottega_reader")


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_reads_the_tables_that_it_names_and_no_others(shop: Shop, reader: Engine, name: str) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN", "Desk"), "3", "2.50"), customer=shop.customer("K"))
    named = {table for flow in plan([name]) for table in flow.sources}
    for full in (True, False):
        _grant(shop, named | ALL_RUNS)
        run_flows(reader, shop.gold, [name], full=full, now=NOW)
    for table in sorted({*FLOWS[name].sources} - ALL_RUNS):
        _grant(shop, (named | ALL_RUNS) - {table})
        with pytest.raises(RunFailed, match=table):
            run_flows(reader, shop.gold, [name], full=True, now=NOW)


def test_gold_tells_its_lineage(shop: Shop) -> None:
    shop.refine()
    kept = shop.ask("SELECT flow, needs, sources, tables FROM etl_flows ORDER BY place")
    assert [row[0] for row in kept] == list(FLOWS)
    for name, needs, sources, tables in kept:
        assert (needs, sources) == ([*FLOWS[name].needs], [*FLOWS[name].sources])
        assert tables == [table.name for table in FLOWS[name].tables]


def test_a_log_that_knows_no_backfill_learns_it(shop: Shop) -> None:
    shop.refine()
    with shop.gold.begin() as gold:
        gold.exec_driver_sql(
            "ALTER TABLE etl_runs DROP CONSTRAINT etl_runs_mode_check, "
            "ADD CONSTRAINT etl_runs_mode_check CHECK (mode IN ('full', 'incremental'))"
        )
    shop.refine()
    [(rule,)] = shop.ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'etl_runs_mode_check'")
    assert "backfill" in rule


def _grant(shop: Shop, tables: set[str]) -> None:
    shop.do("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM bottega_reader")
    shop.do(f"GRANT SELECT ON {', '.join(sorted(tables))} TO bottega_reader")
