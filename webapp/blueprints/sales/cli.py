"""The commands of the sales room: import a file, guess its mapping, deal with the rows put aside."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import BinaryIO

import click

from webapp.blueprints.sales.models import SalesImport
from webapp.blueprints.sales.services.import_guess import guess_mapping
from webapp.blueprints.sales.services.importing import ImportResult, import_sales, newest_imports
from webapp.blueprints.sales.services.quarantine import (
    EXPORTED,
    OPEN,
    discard_import,
    discard_row,
    exported,
    list_quarantined_rows,
    replay_row,
)
from webapp.core.commands import refusals
from webapp.core.db import transaction
from webapp.core.errors import DomainError
from webapp.core.exports import csv_chunks
from webapp.core.security import SYSTEM

SHOWN = 160


@click.group("sales")
def sales_commands() -> None:
    """Sales files: import, guess a mapping, quarantine."""


@sales_commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", required=True, help="A preset's name or a TOML file.")
@click.option("--dry-run", is_flag=True, help="Do all of it, then undo it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_file(*, file: Path, mapping: str, dry_run: bool, as_json: bool) -> None:
    """Import the sales in FILE (CSV or XLSX). Nothing is stored twice; what cannot be taken goes to quarantine."""
    progress = _Progress()
    with refusals(), progress, transaction() as session:
        result = import_sales(session, path=file, mapping=mapping, by=SYSTEM, dry_run=dry_run, progress=progress)
    click.echo(json.dumps(result.as_json(), ensure_ascii=False) if as_json else _sentence(result, dry_run=dry_run))


def _sentence(result: ImportResult, *, dry_run: bool) -> str:
    done = "Would be stored" if dry_run else "Stored"
    rows = (
        f"{result.rows:,} rows: {result.accepted:,} accepted, {result.already_known:,} already known, "
        f"{result.quarantined:,} quarantined, in {result.seconds:.1f} s."
    )
    what = (
        f"{done}: {result.orders:,} orders of {result.customers:,} customers, {result.products:,} products, "
        f"net {result.net:,.4f}."
    )
    lines = [rows, what]
    if result.quarantined and not dry_run:
        lines.append("See the rows put aside with: bottega sales quarantine list")
    return "\n".join(lines)


class _Progress:
    """Rows and phase on standard error: in place on a terminal, a line a phase elsewhere."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.phase = ""
        self.rows = 0

    def __call__(self, rows: int, phase: str) -> None:
        words = "waiting for another import to end" if phase == "waiting" else phase
        if self.live:
            click.echo(f"\r{words}: {rows:,} rows\x1b[K", err=True, nl=False)
        elif (phase, rows) != (self.phase, self.rows):
            click.echo(f"{words}: {rows:,} rows", err=True)
        self.phase, self.rows = phase, rows

    def __enter__(self) -> None:
        """Nothing to show yet."""

    def __exit__(self, *_error: object) -> None:
        if self.live and self.phase:
            click.echo(err=True)


@sales_commands.command("guess")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: mapping, reasons, missing.")
def guess_file(*, file: Path, as_json: bool) -> None:
    """Propose a mapping for FILE as TOML, each choice with its reason: save it and give it to `import --mapping`."""
    with refusals():
        guess = guess_mapping(file)
    click.echo(json.dumps(guess.as_json(), ensure_ascii=False) if as_json else guess.as_toml(), nl=as_json)


@sales_commands.command("imports")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_imports(*, as_json: bool) -> None:
    """List the imports, the newest first."""
    with transaction() as session:
        for_print = [_import_values(record) for record in newest_imports(session, limit=100)]
    if as_json:
        click.echo(json.dumps(for_print, ensure_ascii=False))
        return
    for values in for_print:
        click.echo("{id:>5}  {started_at}  {file}: {rows} rows, {accepted} accepted, {already_known} known, {quarantined} "
                   "quarantined, net {net}".format(**values))  # fmt: skip


@sales_commands.group("quarantine")
def quarantine_commands() -> None:
    """The rows that imports put aside."""


@quarantine_commands.command("list")
@click.option("--import", "import_id", type=int, help="Of one import only.")
@click.option("--all", "everything", is_flag=True, help="Also those replayed or discarded.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def list_quarantine(*, import_id: int | None, everything: bool, as_json: bool) -> None:
    """List the rows with file, line, column and reason."""
    with transaction() as session:
        for row in list_quarantined_rows(session, state=None if everything else OPEN, import_id=import_id):
            values = dict(zip(EXPORTED, exported(row), strict=True))
            if as_json:
                click.echo(json.dumps(values, ensure_ascii=False))
            else:
                place = f", column {row.column}" if row.column else ""
                click.echo(
                    f"{row.id:>6}  {values['file']}: line {row.line_number}{place}: {values['reason']} [{row.state}]"
                )
                click.echo(f"        {row.raw[:SHOWN]}{'…' if len(row.raw) > SHOWN else ''}")


@quarantine_commands.command("export")
@click.option("--import", "import_id", type=int, help="Of one import only.")
@click.option("--all", "everything", is_flag=True, help="Also those replayed or discarded.")
@click.option("--output", type=click.File("wb"), default="-", help="Where to; standard output otherwise.")
def export_quarantine(*, import_id: int | None, everything: bool, output: BinaryIO) -> None:
    """Write the rows as CSV; a spreadsheet opens it without running formulas of the rows."""
    with transaction() as session:
        rows = list_quarantined_rows(session, state=None if everything else OPEN, import_id=import_id)
        output.writelines(csv_chunks(EXPORTED, map(exported, rows)))


@quarantine_commands.command("replay")
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All open rows, each as it is.")
@click.option("--corrected", help="The corrected row, for a single ID.")
@click.option("--even-if-known", is_flag=True, help="Store one more line where one with the same content is stored.")
def replay_quarantine(*, ids: tuple[int, ...], everything: bool, corrected: str | None, even_if_known: bool) -> None:
    """Take the rows IDS through the import again; exit 1 when one is still wrong."""
    if bool(ids) == everything or (corrected is not None and len(ids) != 1):
        raise click.UsageError("give the IDs of rows or --all; --corrected goes with one ID")
    if everything:
        with transaction() as session:
            ids = tuple(row.id for row in list_quarantined_rows(session))
    wrong = 0
    for row_id in ids:
        try:
            with transaction() as session:
                replay_row(session, row_id=row_id, by=SYSTEM, corrected=corrected, even_if_known=even_if_known)
            click.echo(f"{row_id}: stored")
        except DomainError as problem:
            wrong += 1
            click.echo(f"{row_id}: {problem}", err=True)
    raise SystemExit(int(wrong > 0))


@quarantine_commands.command("discard")
@click.argument("ids", type=int, nargs=-1)
@click.option("--import", "import_id", type=int, help="All open rows of one import.")
def discard_quarantine(ids: tuple[int, ...], import_id: int | None) -> None:
    """Give rows up: they stay on record, out of the sales."""
    if bool(ids) == bool(import_id):
        raise click.UsageError("give the IDs of rows, or --import")
    try:
        with transaction() as session:
            count = discard_import(session, import_id=import_id, by=SYSTEM) if import_id else len(ids)
            for row_id in ids:
                discard_row(session, row_id=row_id, by=SYSTEM)
    except DomainError as problem:
        click.echo(str(problem), err=True)
        raise SystemExit(1) from None
    click.echo(f"{count} discarded")


def _import_values(record: SalesImport) -> dict[str, object]:
    names = ("id", "rows", "accepted", "already_known", "quarantined", "orders", "customers", "products")
    return {
        **{name: getattr(record, name) for name in names},
        "file": record.filename,
        "started_at": record.started_at.isoformat(timespec="seconds"),
        "actor": record.actor,
        "net": f"{record.net:.4f}",
    }
