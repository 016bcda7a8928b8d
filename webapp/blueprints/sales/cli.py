"""The commands of the sales room: import a file, guess its mapping, deal with the rows put aside."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from webapp.blueprints.sales.services.import_problems import ImportRefused
from webapp.blueprints.sales.services.importing import ImportResult, import_sales
from webapp.core.db import transaction
from webapp.core.security import SYSTEM

REFUSED = 2


@click.group("sales")
def sales_commands() -> None:
    """Sales files: import, guess a mapping, quarantine."""


@sales_commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", required=True, help="A preset's name or a TOML file.")
@click.option("--dry-run", is_flag=True, help="Do all of it, then undo it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_file(file: Path, mapping: str, dry_run: bool, as_json: bool) -> None:
    """Import the sales in FILE (CSV or XLSX). Nothing is stored twice; what cannot be taken goes to quarantine."""
    progress = _Progress()
    try:
        with transaction() as session:
            result = import_sales(session, path=file, mapping=mapping, by=SYSTEM, dry_run=dry_run, progress=progress)
    except ImportRefused as refusal:
        progress.end()
        click.echo(str(refusal), err=True)
        raise SystemExit(REFUSED) from None
    progress.end()
    click.echo(json.dumps(result.as_json(), ensure_ascii=False) if as_json else _sentence(result, dry_run))


def _sentence(result: ImportResult, dry_run: bool) -> str:
    done = "Would be stored" if dry_run else "Stored"
    lines = [
        f"{result.rows:,} rows: {result.accepted:,} accepted, {result.already_known:,} already known, "
        f"{result.quarantined:,} quarantined, in {result.seconds:.1f} s.",
        f"{done}: {result.orders:,} orders of {result.customers:,} customers, {result.products:,} products, "
        f"net {result.net:,.4f}.",
    ]
    if result.quarantined and not dry_run:
        lines.append("See the rows put aside with: bottega sales quarantine list")
    return "\n".join(lines)


class _Progress:
    """Rows and phase on standard error: in place on a terminal, a line a phase elsewhere."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.phase = ""

    def __call__(self, rows: int, phase: str) -> None:
        words = "waiting for another import to end" if phase == "waiting" else phase
        if self.live:
            click.echo(f"\r{words}: {rows:,} rows\x1b[K", err=True, nl=False)
        elif phase != self.phase or rows:
            click.echo(f"{words}: {rows:,} rows", err=True)
        self.phase = phase

    def end(self) -> None:
        """Leave the line."""
        if self.live and self.phase:
            click.echo(err=True)
