"""The door of the notebooks as nginx and browsers see it: the answer to each request, the way in, and the page of a shut one.

Who is signed in to the suite is not signed in at a notebook: it may have a host name of its own. The browser is sent from
the door to the suite and comes back with a ticket, for which it gets a pass: a cookie of that host (or path) alone.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from webapp.blueprints.notebooks.models import Notebook, State
from webapp.blueprints.notebooks.permissions import NotebooksPermission as May
from webapp.blueprints.notebooks.queries.notebooks import WORK, find_by_slug, find_lock, get_notebook
from webapp.blueprints.notebooks.services.door import (
    PASS_SECONDS,
    NoPass,
    Pass,
    Shut,
    Way,
    base_address,
    base_path,
    find_way,
    new_nonce,
    read_pass,
    redeem_ticket,
    state_of,
    write_pass,
    write_ticket,
)
from webapp.blueprints.notebooks.services.locks import in_words
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.security import current_actor, current_session_id, public, requires
from webapp.core.settings import house_settings
from webapp.core.web import show

blueprint = Blueprint("notebook_door", __name__, template_folder="../templates")
COOKIE, NONCE = "bottega_notebook", "bottega_notebook_way"
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LOOK_AGAIN = "3"  # seconds
NONCE_SECONDS = 600  # time to sign in
STATUS = {Shut.SIGNED_OUT: 401, Shut.STRANGER: 403, Shut.FOREIGN: 403, Shut.LOCKED: 423, Shut.STOPPED: 503}


def trust_notebook_hosts(app: Flask) -> None:
    """Let the pages of the door be asked for under the notebooks' host names; nginx leads nothing else there."""
    domain = app.extensions["notebook_settings"].domain
    if domain and app.config.get("TRUSTED_HOSTS"):
        app.config["TRUSTED_HOSTS"] = [*app.config["TRUSTED_HOSTS"], f".{domain.partition(':')[0]}"]


@blueprint.get("/_notebooks/door")
@public
def ask() -> Response:
    """May this request go to the notebook? 204, 401 or 403, for nginx alone (`auth_request` knows no other)."""
    met = _meet(request.headers.get("X-Notebook", ""))
    if isinstance(met, Way):
        return current_app.response_class(status=204)
    return current_app.response_class(
        status=401 if met is Shut.SIGNED_OUT else 403, headers={"X-Notebook-State": met.value}
    )


@blueprint.get("/_notebooks/closed/<slug>")
@public
def closed(slug: str) -> WerkzeugResponse:
    """Why a request did not get in, as a page: to the sign-in, by whom it is locked, where to start it."""
    met = _meet(slug)
    if met is Shut.SIGNED_OUT and _is_visit():
        return _send_to_suite(slug)
    notebook = find_by_slug(db.session(), slug) if met not in (Shut.SIGNED_OUT, Shut.STRANGER, Shut.FOREIGN) else None
    waits = notebook is not None and _waits(met, notebook)
    if not _is_visit():
        response = make_response(f"{_words(met, notebook)}\n", _status(met))
        response.mimetype = "text/plain"
    else:
        response = make_response(
            render_template(
                "notebooks/door.html",
                words=_words(met, notebook),
                page=_suite_address(url_for("notebooks.notebook", slug=slug)) if notebook else "",
                may_start=met is Shut.STOPPED and notebook is not None and not waits,
            ),
            _status(met),
        )
        if waits:
            response.headers["Refresh"] = LOOK_AGAIN
    if response.status_code == 503:
        response.headers["Retry-After"] = LOOK_AGAIN
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/_notebooks/enter/<slug>")
@public
def enter(slug: str) -> WerkzeugResponse:
    """Take the ticket that the suite gave, for a pass."""
    _refuse_scripts()
    then = _inside(slug, request.args.get("next", ""))
    try:
        shown = redeem_ticket(request.args.get("ticket", ""), request.cookies.get(NONCE, ""))
    except NoPass:
        words = _("The way in took too long, or this browser keeps no cookies.")
        return make_response(render_template("notebooks/door.html", words=words, again=then), 403)
    notebook = find_by_slug(db.session(), slug)
    if notebook is None or notebook.id != shown.notebook_id:
        abort(403)
    response = redirect(then, 303)
    _leave(response, slug, COOKIE, write_pass(shown), PASS_SECONDS)
    response.delete_cookie(NONCE, path=base_path(slug))
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/backoffice/workspaces/notebooks/<slug>/enter")
@requires(May.RUN)
def give_ticket(slug: str) -> WerkzeugResponse:
    """Send who is signed in here back to the door they came from, with a ticket."""
    _refuse_scripts()
    by, session_id = current_actor(), current_session_id()
    notebook = get_notebook(db.session(), slug, by=by, to=WORK)
    state = request.args.get("state", "")
    if not re.fullmatch("[0-9a-f]{64}", state):  # nobody comes from a door: there they are sent back with a state
        return redirect(_door_address(slug))
    if session_id is None or by.user_id is None:
        abort(403)
    ticket = write_ticket(Pass(session_id, by.user_id, notebook.id), state)
    arguments = urlencode({"ticket": ticket, "next": _inside(slug, request.args.get("next", ""))})
    response = redirect(f"{_door_address(slug)}_door/enter?{arguments}", 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/notebooks/<slug>/")
@blueprint.get("/notebooks/<slug>/<path:_rest>")
@public
def without_nginx(slug: str, _rest: str = "") -> WerkzeugResponse:
    """Nobody gets here through nginx: it leads these addresses to the notebooks. Say what is missing."""
    if not SLUG.fullmatch(slug):
        abort(404)
    return show("notebooks/without_nginx.html", status=404)


def _meet(slug: str) -> Way | Shut:
    """Whether this request, with the pass that it shows, leads to the notebook of that short name."""
    if _is_foreign():
        return Shut.FOREIGN
    try:
        shown = read_pass(request.cookies.get(COOKIE, ""))
    except NoPass:
        return Shut.SIGNED_OUT
    way = find_way(db.session(), shown, now=utc_now())
    if way is Shut.SIGNED_OUT or way is Shut.STRANGER:
        return way
    notebook = find_by_slug(db.session(), slug)
    return way if notebook and notebook.id == shown.notebook_id else Shut.SIGNED_OUT


def _is_foreign() -> bool:
    """Whether a page of another origin is behind this request. Jupyter's own checks are off: the door brings the token."""
    told = request.headers.get("Origin")
    if told is not None:
        return told != f"{request.scheme}://{request.host}"
    if request.headers.get("X-Notebook-Upgrade", "").lower() == "websocket":
        return True  # browsers always tell
    if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return False
    return not _is_visit()


def _is_visit() -> bool:
    """Whether somebody goes to a page, and not a script, an image or a frame of another one."""
    method = request.headers.get("X-Notebook-Method", request.method)
    mode, goal = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    if mode is not None or goal is not None:
        return method in ("GET", "HEAD") and mode == "navigate" and goal == "document"
    return method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")


def _refuse_scripts() -> None:
    """These addresses are for people who go there: a notebook's script could follow a redirect across its policy."""
    if not _is_visit():
        abort(403)


def _send_to_suite(slug: str) -> WerkzeugResponse:
    nonce = request.cookies.get(NONCE) or new_nonce()
    then = _inside(slug, request.headers.get("X-Notebook-URI", ""))
    way = url_for("notebook_door.give_ticket", slug=slug, state=state_of(nonce), next=then)
    response = redirect(_suite_address(way))
    _leave(response, slug, NONCE, nonce, NONCE_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _suite_address(path: str) -> str:
    """A page of the suite, as seen from a notebook's host."""
    return f"{house_settings().public_url}{path}" if notebook_settings().domain else path


def _door_address(slug: str) -> str:
    """The notebook, as seen from the suite."""
    return base_address(slug) if notebook_settings().domain else base_path(slug)


def _leave(response: WerkzeugResponse, slug: str, name: str, value: str, seconds: int) -> None:
    """A cookie of this host, or of the notebook's path, that no script reads."""
    secure = house_settings().secure_cookies
    response.set_cookie(
        name, value, max_age=seconds, path=base_path(slug), secure=secure, httponly=True, samesite="Lax"
    )


def _inside(slug: str, address: str) -> str:
    """The address as a path of the notebook: its first page for any other."""
    base, parts = base_path(slug), urlsplit(address)
    plain = address.isprintable() and "\\" not in address and not parts.scheme and not parts.netloc
    inside = parts.path.startswith(base) and not parts.path.startswith(("//", f"{base}_door"))
    return address if plain and inside and parts.path != base else f"{base}lab"


def _waits(met: Way | Shut, notebook: Notebook) -> bool:
    starting = notebook.state in (State.QUEUED, State.STARTING)
    return isinstance(met, Way) or (met is Shut.STOPPED and starting)


def _status(met: Way | Shut) -> int:
    return STATUS[met] if isinstance(met, Shut) else 503


def _words(met: Way | Shut, notebook: Notebook | None) -> str:
    """What to tell the person at the door."""
    if met is Shut.SIGNED_OUT:
        return str(_("You are not signed in."))
    if met is Shut.FOREIGN:
        return str(_("This was asked by a page of another site."))
    if met is Shut.STRANGER or notebook is None:
        return str(_("This notebook is not for you: only members of the project's workspace group enter it."))
    if met is Shut.LOCKED:
        held = find_lock(db.session(), notebook.id, now=utc_now())
        return in_words(held) if held else str(_("This notebook was locked a moment ago. Try again."))
    return _standing(met, notebook)


def _standing(met: Way | Shut, notebook: Notebook) -> str:
    if _waits(met, notebook):
        return str(_("The notebook “%(name)s” is starting. This page looks again by itself.", name=notebook.name))
    if notebook.state == State.FAILED and notebook.cause:
        return str(_("The notebook “%(name)s” did not start: %(cause)s", name=notebook.name, cause=notebook.cause))
    return str(_("The notebook “%(name)s” is not running.", name=notebook.name))
