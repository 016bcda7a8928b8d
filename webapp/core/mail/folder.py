"""Reading the folder that mails are written to while developing."""

from __future__ import annotations

import base64
import datetime as dt
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class FoundMail:
    """A mail in the folder. `name` is its file's, without the ending; images are in the `html` itself."""

    name: str
    at: dt.datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str


def list_folder(folder: Path, *, most: int = 100) -> list[FoundMail]:
    """The newest mails of the folder, the newest first."""
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [_read(path) for path in paths[:most]]


def find_in_folder(folder: Path, name: str) -> FoundMail | None:
    """The mail of that name, None when there is none."""
    path = folder / f"{name}.eml"
    return _read(path) if NAME.fullmatch(name) and path.is_file() else None


def _read(path: Path) -> FoundMail:
    mail = message_from_bytes(path.read_bytes(), policy=default)
    return FoundMail(
        name=path.stem,
        at=dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC),
        sender=str(mail["from"] or ""),
        to=str(mail["to"] or ""),
        subject=str(mail["subject"] or ""),
        text=_body(mail, "plain"),
        html=_with_images(_body(mail, "html"), mail),
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _with_images(html: str, mail: EmailMessage) -> str:
    for part in mail.walk():
        if part.get_content_maintype() == "image" and (name := str(part["content-id"] or "").strip("<>")):
            html = html.replace(f"cid:{name}", as_data(part.get_content(), part.get_content_type()))
    return html


def as_data(content: bytes, kind: str) -> str:
    """An image as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
