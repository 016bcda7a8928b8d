"""The mails of a developer's machine, which are written to a folder: shown to nobody but who sits at this machine.

They show links that open accounts. So the page is not there in production, nor where mail is really sent, and answers
only a browser of this machine that asks for it by one of its own names: through no proxy and under no borrowed name.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, make_response, request

from webapp.core.mail import FoundMail, find_in_folder, list_folder, mail_folder, preview_policy, undressed
from webapp.core.security import public
from webapp.core.web import show

blueprint = Blueprint("development_mail", __name__, template_folder="../templates", url_prefix="/development/mail")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def open_development_page(app: Flask) -> None:
    """Open the page where mails may be written to a folder."""
    if app.extensions["settings"].environment != "production":
        app.register_blueprint(blueprint)


@blueprint.before_request
def only_here() -> None:
    """404 for everybody else."""
    name = urlsplit(f"//{request.host}").hostname or ""
    forwarded = any(header in request.headers for header in FORWARDED)
    if _folder() is None or forwarded or not (_is_here(request.remote_addr or "") and _is_here(name)):
        abort(404)


@blueprint.after_request
def keep_nowhere(response: Response) -> Response:
    """No copy of a secret stays in the browser."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/")
@public
def mails() -> Response:
    """The newest mails."""
    folder = _folder()
    return show("mail/development_mails.html", folder=folder, mails=list_folder(folder) if folder else [])


@blueprint.get("/<name>/")
@public
def mail(name: str) -> Response:
    """One mail."""
    return show("mail/development_mail.html", mail=_found(name))


@blueprint.get("/<name>/preview")
@public
def preview(name: str) -> Response:
    """The HTML of a mail, for a frame that lets it do nothing."""
    html = undressed(_found(name).html)
    response = make_response(html)
    response.headers["Content-Security-Policy"] = preview_policy(html)
    return response


def _found(name: str) -> FoundMail:
    folder = _folder()
    found = find_in_folder(folder, name) if folder else None
    return found or abort(404)


def _folder() -> Path | None:
    return mail_folder(current_app.extensions["settings"])


def _is_here(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
