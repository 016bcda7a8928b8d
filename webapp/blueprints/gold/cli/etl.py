"""`bottega etl`: refine the rooms' data into GOLD, and say how it went.

`etl` is imported where it is used: it brings pandas, which the web processes do not need.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask.cli import with_appcontext

from webapp.core.db import db, gold_engine


@click.group("etl")
def etl() -> None:
    """Refine the rooms' data into the GOLD database."""


@etl.command("run")
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option("--full", is_flag=True, help="Read everything, not only what changed since the last run.")
@click.option(
    "--wait", type=click.FloatRange(min=0), default=60, show_default=True, help="Seconds to wait for another run."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def run(flows: tuple[str, ...], full: bool, wait: float, as_json: bool) -> None:  # noqa: FBT001 - click passes by keyword
    """Run the FLOWs (calendar, customers, products, sales, traffic; all when none is named) and those that they need.

    Exit code 1 when a flow or an audit fails; then GOLD is as it was.
    """
    from etl.run import RunFailed, run_flows, summary

    try:
        runs = run_flows(
            db.engine,
            gold_engine(),
            flows,
            full=full,
            wait=wait,
            say=_say if not as_json else _mute,
        )
    except RunFailed as failure:
        if as_json:
            click.echo(
                json.dumps(
                    {"outcome": "failed", "error": str(failure), "flows": [run.as_json() for run in failure.runs]}
                )
            )
        click.echo(str(failure), err=True)
        sys.exit(1)
    if as_json:
        seconds = round(sum(run.seconds for run in runs), 3)
        click.echo(json.dumps({"outcome": "ok", "seconds": seconds, "flows": [run.as_json() for run in runs]}))
        return
    for done in runs:
        click.echo(summary(done))


@etl.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def status(as_json: bool) -> None:  # noqa: FBT001 - click passes by keyword
    """Show each flow's last run, and the last good one where that is another."""
    from etl.runlog import last_runs, present

    with gold_engine().connect() as gold:
        runs = last_runs(gold) if present(gold) else []
    if as_json:
        click.echo(json.dumps({"flows": [_plain(run) for run in runs if run["is_last"] or run["outcome"] == "ok"]}))
        return
    if not runs:
        click.echo("There has been no run: `bottega etl run` makes the first.")
    for done in runs:
        if done["is_last"] or done["outcome"] == "ok":
            click.echo(_line(done))


@etl.command("dictionary")
def dictionary() -> None:
    """Print the data dictionary of GOLD, as Markdown, from the contracts of its tables."""
    from etl.run import data_dictionary

    click.echo(data_dictionary())


@etl.command("quarantine")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@with_appcontext
def quarantine(as_json: bool) -> None:  # noqa: FBT001 - click passes by keyword
    """List the rows that break a rule. Every run reads them again: correct them in the back office, then run."""
    from etl.runlog import present, quarantined_rows

    with gold_engine().connect() as gold:
        rows = quarantined_rows(gold) if present(gold) else []
    if as_json:
        click.echo(json.dumps([_plain(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['flow']} {row['key']}: {row['reason']}: {json.dumps(row['row'], ensure_ascii=False)}")
    if not rows:
        click.echo("The quarantine is empty.")


def _say(sentence: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{sentence}", nl=False, err=True)


def _mute(_sentence: str) -> None:
    """JSON wants no progress beside it."""


def _line(run: dict[str, Any]) -> str:
    counts = f"{run['loaded']:,} loaded, {run['deleted']:,} deleted, {run['in_quarantine']:,} in quarantine"
    told = f"{run['flow']:10} {run['outcome']:7} {run['finished_at']:%Y-%m-%d %H:%M:%S} UTC  {run['mode']:12} {counts}"
    return f"{told}\n           {run['error']}" if run["error"] else told


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row with JSON's own values: moments as ISO text, decimals as numbers of seconds."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if name == "duration_seconds":
            plain["seconds"] = float(value)
        elif name != "is_last":
            plain[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return plain
