"""Somebody who uploads sales files on the pages, and has them imported."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import signed_in_cookie
from webapp.blueprints.accounts.services.users import create_user
from webapp.blueprints.sales.services.uploading import uploads_folder
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.models import State, Task
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

NEW = "/backoffice/imports/new"
ITALIAN = (
    "Documento;Data;Codice;Descrizione;Qta;Prezzo;Cliente;Paese\r\n"
    "F1;03/01/2026;A1;Piatto;2;1.234,50;10;Italia\r\n"
    "F1;03/01/2026;A2;Vaso;1;64,00;10;Italia\r\n"
    "F2;31/01/2026;A1;Piatto;-1;1.234,50;11;Italia\r\n"
    "F3;32/01/2026;A1;Piatto;1;1.234,50;12;Italia\r\n"
)


class Person:
    """Somebody at the pages of the house, who commits for good."""

    def __init__(self, app: Flask, role: str) -> None:
        self.app = app
        with transaction() as session:
            mail = f"{role}{time.monotonic_ns()}@people.bottega.it"
            user = create_user(
                session, by=SYSTEM, email=mail, name=f"The {role}", password="a-long-enough-password", roles=[role]
            )
            cookies = signed_in_cookie(session, user)
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        with self.client.session_transaction() as cookie:
            cookie.update(cookies)

    def get(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, address: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        token = self.client.get("/en").text.split('name="csrf-token" content="')[1].split('"')[0]
        return self.client.post(address, data={**(data or {}), "csrf_token": token}, headers=headers)

    def upload(self, content: bytes | str, name: str = "vendite.csv") -> Any:
        content = content.encode() if isinstance(content, str) else content
        return self.post(NEW, {"file": (io.BytesIO(content), name)})

    def uploaded(self, content: bytes | str, name: str = "vendite.csv") -> str:
        """The address of the uploaded file's columns."""
        answer = self.upload(content, name)
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def choices(self, address: str) -> dict[str, str]:
        """What the form of the columns says as it stands."""
        return fields_of(self.get(address))

    def checked(self, address: str, **changes: str) -> str:
        """Have the file checked and the task done; the address of its counts."""
        answer = self.post(address, {**self.choices(address), **changes, "check": "1"})
        assert answer.status_code == 303, answer.text
        run_tasks(self.app)
        return str(answer.location)

    def imported(self, address: str) -> str:
        """Check and import it; the address of the result."""
        self.checked(address)
        answer = self.post(address + "import")
        assert answer.status_code == 303
        run_tasks(self.app)
        answer = self.client.get(answer.location)
        assert answer.status_code == 303, answer.text
        return str(answer.location)


def fields_of(page: str) -> dict[str, str]:
    """The values of a form, as a browser would send them."""
    form = page.split('id="mapping"')[1].split("</form>", maxsplit=1)[0]
    values = {}
    for select_ in re.finditer(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected[^>]*value="([^"]*)"', select_[2])
        shown = chosen or re.search(r'<option[^>]*value="([^"]*)"', select_[2])
        values[select_[1]] = shown[1] if shown else ""
    for field in re.finditer(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', field[0]), re.search(r'value="([^"]*)"', field[0])
        if name and ('type="checkbox"' not in field[0] or "checked" in field[0]):
            values[name[1]] = value[1] if value else ""
    return values


def run_tasks(app: Flask) -> list[Task]:
    """Do what waits, as a worker would; the tasks in their order."""
    waiting = db.session.scalars(select(Task.id).where(Task.state == State.QUEUED).order_by(Task.id)).all()
    db.session.rollback()
    for number in waiting:
        execute(app, number, worker="test")
    return list(db.session.scalars(select(Task).where(Task.id.in_(waiting)).order_by(Task.id)))


def files(app: Flask) -> list[Path]:
    folder = uploads_folder(app.extensions["settings"].instance)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0
