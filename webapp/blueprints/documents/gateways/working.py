"""Runs and renders documents of a home as errands of its notebook, and keeps what they made."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import tarfile
import time
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from flask_babel import gettext as _

from webapp.blueprints.documents import services as runs
from webapp.blueprints.documents.gateways.cleaning import cleaned
from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import RENDERING
from webapp.blueprints.notebooks.public import Errand, Errands
from webapp.core.db import transaction
from webapp.core.errors import DomainError
from webapp.core.jobs import TaskRun

LARGEST = 50 * 1024 * 1024  # bytes of a document or page that is kept
SECONDS = 3600.0
WORDS = 1500  # characters of what a failed run printed that are shown
STRAY = 24 * 3600.0
PROGRAM = """
import base64, json, os, subprocess, sys
home, out = os.environ["NOTEBOOK_HOME"], os.environ["ERRAND_OUT"]
document, task = os.environ["DOCUMENT_PATH"], os.environ["DOCUMENT_TASK"]
source, code = os.path.join(home, document), 0
if not os.path.isfile(source):
    sys.exit("there is no document %s in the home" % document)
os.chdir(os.path.dirname(source))
if task == "run":
    parameters = os.environ["DOCUMENT_PARAMETERS"]
    made = os.path.join(out, "document.ipynb")
    code = subprocess.call(["papermill", source, made, "--no-progress-bar", "--no-log-output", "-b", parameters])
    if not os.path.isfile(made):
        sys.exit(code or 1)
    source = made
said = json.load(open(source, encoding="utf-8"))
try:
    import vl_convert
except ImportError:
    vl_convert = None
for cell in said.get("cells", ()):
    for output in cell.get("outputs", ()):
        data = output.get("data") or {}
        for kind in [kind for kind in data if "vegalite" in kind]:
            chart = data.pop(kind)
            if vl_convert and "image/png" not in data:
                try:
                    picture = vl_convert.vegalite_to_png(json.dumps(chart), scale=2)
                except ValueError as problem:
                    output["data"] = {"text/plain": "this chart cannot be drawn: %s" % problem}
                    break
                output["data"] = {"image/png": base64.b64encode(picture).decode()}
page = os.path.join(out, "page.ipynb")
with open(page, "w", encoding="utf-8") as file:
    json.dump(said, file)
command = ["jupyter-nbconvert", "--to", "html", "--template", "basic", "--embed-images", "--output-dir", out]
subprocess.check_call([*command, "--output", "page", page])
sys.exit(code)
"""


class DocumentFailed(DomainError):
    """A document could not be run or rendered to its end; the sentence says why."""


def work_on(
    run: TaskRun, errands: Errands, *, slug: str, kind: str, path: str, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Run or render a document and keep what came of it. Raises NotFound, NotAllowed, NoHome, DocumentFailed and the engine's."""
    with run.transaction() as session:
        row = runs.begin_run(session, by=run.by, slug=slug, kind=kind, path=path, parameters=parameters, task_id=run.id)
        run_id, errand = row.id, _errand(row)
    try:
        return _kept(run, errands, errand)
    except BaseException as problem:
        words = str(problem) if isinstance(problem, DomainError) else _("It was ended before it was done.")
        with transaction() as session:
            if runs.is_under_way(session, run_id):
                runs.end_run(session, run_id, ok=False, words=words)
        raise


def _errand(row: Run) -> Errand:
    packed = base64.b64encode(json.dumps(dict(row.parameters)).encode()).decode()
    return Errand(
        number=row.id,
        notebook_id=row.notebook_id,
        command=("python", "-c", PROGRAM),
        only_reads=row.kind == RENDERING,
        environ={
            "DOCUMENT_PATH": row.path,
            "DOCUMENT_TASK": row.kind,
            "DOCUMENT_PARAMETERS": packed,
            "HOME": "/tmp",  # noqa: S108 - the container's own
            "IPYTHONDIR": "/tmp/ipython",  # noqa: S108
        },
    )


def _kept(run: TaskRun, errands: Errands, errand: Errand) -> dict[str, Any]:
    files: dict[str, bytes] = {}
    outcome = errands.run(
        errand,
        seconds=run.time_left(SECONDS),
        check=run.check,
        warn=lambda words: run.log(words, "warning"),
        take=lambda packed: files.update(_files(packed)),
    )
    run.log(outcome.log[-WORDS:].strip() or _("It printed nothing."))
    if outcome.exit_code is None:
        raise DocumentFailed(_("It took longer than it may, and was ended."))
    file, size, digest = _keep(files)
    ok = outcome.exit_code == 0
    words = "" if ok else _last_words(outcome.log)
    with run.transaction() as session:
        runs.end_run(session, errand.number, ok=ok, words=words, file=file, size=size, digest=digest)
    if not ok:
        raise DocumentFailed(words)
    return {"run_id": errand.number, "bytes": size}


def _files(packed: Iterator[bytes]) -> dict[str, bytes]:
    """The document and the page in a tar stream, as far as they are there. Raises DocumentFailed when one is too large."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=_Stream(packed), mode="r|") as archive:
        for entry in archive:
            name = PurePosixPath(entry.name).name
            if not entry.isreg() or name not in ("document.ipynb", "page.ipynb", "page.html"):
                continue
            if entry.size > LARGEST:
                raise DocumentFailed(
                    _("What it made is larger than %(most)s MB, and is not kept.", most=LARGEST // 1024 // 1024)
                )
            content = archive.extractfile(entry)
            found[name] = content.read() if content else b""
    return found


def _keep(files: Mapping[str, bytes]) -> tuple[str, int | None, str]:
    """Write down what was made, under a name that nobody guesses; the name, "" when there is nothing."""
    document = files.get("document.ipynb") or files.get("page.ipynb")
    if document is None:
        return "", None, ""
    folder = runs.runs_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep()
    name = secrets.token_hex(16)
    (folder / f"{name}.ipynb").write_bytes(document)
    page = cleaned(files.get("page.html", b"").decode("utf-8", "replace"))
    (folder / f"{name}.html").write_text(page, "utf-8")
    return name, len(document), hashlib.sha256(document).hexdigest()


def _sweep() -> None:
    """Remove the files that no run has (any more)."""
    with transaction() as session:
        known = runs.list_run_files(session)
    for path in runs.runs_folder().iterdir():
        if path.stem not in known and time.time() - path.stat().st_mtime > STRAY:
            path.unlink(missing_ok=True)


def _last_words(log: str) -> str:
    """What a failed run said last: the error of a cell is there."""
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    return "\n".join(lines[-8:])[-WORDS:] or str(_("It ended without a word."))


class _Stream(io.RawIOBase):
    """Pieces of bytes as a file that is read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.rest = pieces, b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next so many bytes."""
        while size < 0 or len(self.rest) < size:
            piece = next(self.pieces, b"")
            if not piece:
                break
            self.rest += piece
        size = len(self.rest) if size < 0 else size
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken
