"""The long work of the sales room: look what an import would do, import, undo an import, clear away uploaded files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from flask import current_app
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.blueprints.sales.models import SalesUpload, UploadState
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import get_upload
from webapp.blueprints.sales.services.import_file import count_lines
from webapp.blueprints.sales.services.import_mapping import mapping_from
from webapp.blueprints.sales.services.importing import STEPS, ImportResult, import_sales
from webapp.blueprints.sales.services.undoing import undo_import
from webapp.blueprints.sales.services.uploading import (
    UploadClosed,
    called,
    clean_uploads,
    open_upload,
    remove_file,
    uploads_folder,
)
from webapp.core.errors import NotAllowed
from webapp.core.jobs import TEMPORARY, Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.settings import Settings

ALONE = "sales.import"
PERCENT = 100
# the import speaks to the database's driver without SQLAlchemy between, so its errors come as they are
RETRIED = (*TEMPORARY, psycopg2.OperationalError, psycopg2.InterfaceError)


def check_import(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Do the whole import of an upload and undo it; what it counted is kept with the upload."""
    _refuse_who_may_not(run)
    upload_id = int(args["upload_id"])
    with run.transaction() as session:
        upload = get_upload(session, upload_id)
        mapping = dict(upload.mapping)
        counted = result_json(_import(run, session, upload, dry_run=True))
        upload = get_upload(session, upload_id, lock=True)
        if upload.mapping == mapping:  # else somebody chose other columns in the meantime
            upload.checked = counted
    return counted


def import_upload(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Import an upload; once that is stored, its file is not needed any more."""
    _refuse_who_may_not(run)
    upload_id = int(args["upload_id"])
    with run.transaction() as session:
        upload = get_upload(session, upload_id)
        if upload.state == UploadState.IMPORTED:  # a worker that did it died before its last word
            return {"import_id": upload.import_id}
        result = _import(run, session, upload, dry_run=False)
        upload = open_upload(session, upload_id)
        upload.state, upload.import_id = UploadState.IMPORTED, result.id
        remove_file(session, upload, _folder())
    return {"import_id": result.id, **result_json(result)}


def undo(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Undo an import."""
    _refuse_who_may_not(run)

    def tell(done: int, steps: int) -> None:
        run.progress(done, steps, gettext("taking away what the import stored"))

    with run.transaction() as session:
        return undo_import(session, import_id=int(args["import_id"]), by=run.by, tell=tell).as_json()


def clean(run: TaskRun, _args: Arguments) -> dict[str, Any]:
    """Remove the files of uploads that are over."""
    with run.transaction() as session:
        return {"removed": clean_uploads(session, folder=_folder())}


def result_json(result: ImportResult) -> dict[str, Any]:
    """What an import did, or a dry run found, as pages show it: `orders`, `customers` and `products` are the new ones."""
    stored = result.stored
    return {
        **result.as_json(),
        "file": Path(result.file).name,
        "orders": stored.new_orders,
        "orders_added_to": result.orders - stored.new_orders,
        "customers": stored.new_customers,
        "products": stored.new_products,
        "reasons": result.reasons,
        "first_at": stored.first_at.isoformat() if stored.first_at else None,
        "last_at": stored.last_at.isoformat() if stored.last_at else None,
    }


def _import(run: TaskRun, session: Session, upload: SalesUpload, *, dry_run: bool) -> ImportResult:
    path = _folder() / upload.stored_as
    if not path.exists():
        raise UploadClosed(gettext("The uploaded file is not there any more: upload it again."))
    total = int((upload.checked or {}).get("rows", 0)) or count_lines(path)
    with called(path, upload.filename):
        return import_sales(
            session,
            path=path,
            mapping=mapping_from(upload.mapping, upload.filename),
            by=run.by,
            dry_run=dry_run,
            progress=_progress(run, total),
            name=upload.filename,
        )


def _progress(run: TaskRun, total: int | None) -> Callable[[int, str], None]:
    """Progress in percent, half of it for reading and half for storing; each call is a moment at which it can be stopped."""
    steps = 0

    def tell(rows: int, phase: str) -> None:
        nonlocal steps
        read = format_decimal(rows)
        if phase == "storing":
            half = PERCENT // 2
            run.progress(
                half + half * min(steps, STEPS) // STEPS, PERCENT, gettext("%(rows)s rows read, storing", rows=read)
            )
            steps += 1
        elif phase == "waiting":
            run.progress(PERCENT // 2, PERCENT, gettext("waiting for another import to end"))
        elif total:
            words = gettext("%(rows)s of %(total)s rows read", rows=read, total=format_decimal(max(total, rows)))
            run.progress(min(PERCENT * rows // total, PERCENT) // 2, PERCENT, words)
        else:
            run.progress(0, None, gettext("%(rows)s rows read", rows=read))

    return tell


def _refuse_who_may_not(run: TaskRun) -> None:
    """Rights can be taken from a person while their task waits."""
    if not run.by.may(May.IMPORTS_WRITE):
        raise NotAllowed(_l("%(name)s may not import any more.", name=run.by.name))


def _folder() -> Path:
    settings: Settings = current_app.extensions["settings"]
    return uploads_folder(settings.instance)


def _of_upload(args: Arguments) -> str:
    return str(args["upload_id"])


TASKS = (
    TaskKind(
        name="sales.import_check",
        title=_l("Check of a sales file"),
        work=check_import,
        permission=May.IMPORTS_WRITE,
        retry_on=RETRIED,
        alone=lambda _args: ALONE,
    ),
    TaskKind(
        name="sales.import",
        title=_l("Import of a sales file"),
        work=import_upload,
        permission=May.IMPORTS_WRITE,
        retry_on=RETRIED,
        key=_of_upload,
        alone=lambda _args: ALONE,
    ),
    TaskKind(
        name="sales.undo_import",
        title=_l("Undo of an import"),
        work=undo,
        permission=May.IMPORTS_WRITE,
        retry_on=RETRIED,
        key=lambda args: str(args["import_id"]),
        alone=lambda _args: ALONE,
    ),
    TaskKind(
        name="sales.clean_uploads",
        title=_l("Clearing away of uploaded files"),
        work=clean,
        permission=May.IMPORTS_WRITE,
        schedulable=True,
    ),
)
SCHEDULES = (
    HouseSchedule(
        origin="sales.clean_uploads",
        name="Clear away uploaded files",
        kind="sales.clean_uploads",
        cron="20 4 * * *",
    ),
)
