"""Pages and fragments, and the one place that knows HTMX, the content policy and how a problem is told."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    stream_with_context,
    url_for,
)
from flask.globals import app_ctx
from flask_babel import gettext, lazy_gettext
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError, CSRFProtect
from htmx_flask import Htmx
from htmx_flask import request as htmx_request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as WerkzeugResponse

from webapp.core.api.bearer import by_key, is_api, recognise_key
from webapp.core.api.problems import errors_of, problem
from webapp.core.company import get_company
from webapp.core.crashes import report_crash
from webapp.core.db import db
from webapp.core.errors import DomainError, EditConflict
from webapp.core.policy import allowed
from webapp.core.room import MenuEntry, Panel, opened
from webapp.core.security import TOKENLESS, CorePermission, current_actor, has_mark
from webapp.core.settings import Settings
from webapp.core.site_paths import on_public_site

log = logging.getLogger(__name__)
FLOOR_MENU = (
    MenuEntry(lazy_gettext("Company"), "company.profile", CorePermission.COMPANY_EDIT, "building", 90),
    MenuEntry(lazy_gettext("Administration"), "admin.index", CorePermission.ADMIN_USE, "database", 95),
)
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
THIS_MACHINE = ("127.0.0.1", "localhost")  # health checks come by these names
WITHOUT_COMPANY = ("static", "healthz", "readyz")  # answered though the database is away
csrf = CSRFProtect()
htmx = Htmx()

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
}


def set_up_pages(app: Flask, settings: Settings) -> None:
    """Sessions, CSRF, HTMX, security headers, the company of the request, and the translator of problems."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1024 * 1024,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    if settings.allowed_hosts:
        app.config["TRUSTED_HOSTS"] = [*settings.allowed_hosts, *THIS_MACHINE]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as Flask has it wrapped
    csrf.init_app(app)
    htmx.init_app(app)
    app.jinja_env.globals.update(
        current_actor=current_actor, allowed=allowed, menu=menu, panels=panels, is_fragment=is_fragment
    )
    app.before_request(_number_request)
    app.before_request(recognise_key)
    app.before_request(_load_company)
    app.before_request(_protect_writes)
    app.after_request(_secure)
    app.register_error_handler(DomainError, _tell_problem)
    app.register_error_handler(StaleDataError, lambda _error: _tell_problem(EditConflict()))
    app.register_error_handler(OperationalError, _tell_database_down)
    app.register_error_handler(HTTPException, _tell_http)
    app.register_error_handler(Exception, _tell_crash)


def is_fragment() -> bool:
    """Whether HTMX asks for a part of a page (a boosted link and a step back in the history ask for a whole one)."""
    asker = htmx_request.htmx
    return bool(asker) and not asker.boosted and not asker.history_restore_request


def show(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The `fragment` for HTMX, the whole `page` otherwise; never cached across the two."""
    template = fragment if fragment and is_fragment() else page
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def push_address(response: Response, location: str) -> None:
    """Let the browser's address bar say `location` after HTMX has put this fragment in, unless it says so already."""
    if is_fragment() and not str(htmx_request.htmx.current_url or "").endswith(location):
        response.headers["HX-Push-Url"] = location


def done(location: str, message: str | None = None) -> WerkzeugResponse:
    """After a write: go to `location` (303; HTMX follows by HX-Redirect) and say `message` there."""
    if message:
        flash(message, "success")
    if is_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = location
        return response
    return redirect(location, 303)


def send_stream(chunks: Iterable[bytes], *, media: str, name: str) -> Response:
    """A file to keep, sent as it is made: `chunks` may read from the request's database session to the last piece.

    Flask would end the session when the view returns; here it ends with the answer, also with one that is broken off.
    """
    context = app_ctx._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind

    def held() -> Iterator[bytes]:
        with context:
            yield b""
            yield from chunks

    pieces = held()
    next(pieces)
    response = current_app.response_class(stream_with_context(pieces), content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def menu() -> list[MenuEntry]:
    """The entries of the back office menu that the current actor may follow: the rooms' and the floor's own."""
    actor = current_actor()
    entries = [*(entry for room in opened() for entry in room.menu), *FLOOR_MENU]
    return sorted((entry for entry in entries if actor.may(entry.permission)), key=lambda entry: entry.order)


def panels(slot: str, **context: Any) -> list[str]:
    """What the open rooms show in a named slot to the current actor."""
    actor = current_actor()
    offered: list[Panel] = [panel for room in opened() for panel in room.panels if panel.slot == slot]
    shown = [panel for panel in offered if not panel.permission or actor.may(panel.permission)]
    return [html for panel in shown if (html := panel.render(**context))]


def nonce() -> str:
    """The nonce of this response's scripts, made when first asked for."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _number_request() -> None:
    """The id of the request: the proxy's, where it is one, so that its log and ours can be laid side by side."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _load_company() -> None:
    if request.endpoint not in WITHOUT_COMPANY:
        g.company = get_company(db.session())


def _protect_writes() -> None:
    """A token with each write, but for one that came with a key: a browser sends no key by itself.

    A switch of language or theme takes none: another site that pressed it would win nothing (the session cookie is
    SameSite=Lax), and a token would give every stranger a cookie.
    """
    writes = request.method in ("POST", "PUT", "PATCH", "DELETE")
    if not writes or request.routing_exception is not None or by_key() or request.blueprint == "preferences":
        return
    if not has_mark(TOKENLESS):
        csrf.protect()
    elif request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise CSRFError  # a visitor's consent is given here, not by another site


def _secure(response: Response) -> Response:
    scripts = f"'self' 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'self'"
    policy = {**POLICY, "script-src": scripts}
    response.headers.setdefault("Content-Security-Policy", "; ".join(f"{k} {v}" for k, v in policy.items()))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Request-ID", g.get("request_id", ""))
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure and (seconds := current_app.extensions["settings"].hsts_seconds):
        response.headers.setdefault("Strict-Transport-Security", f"max-age={seconds}; includeSubDomains")
    if request.endpoint and request.endpoint == current_app.extensions.get("bottega_sign_out"):
        response.headers.setdefault("Clear-Site-Data", '"cache", "storage"')
    if is_api() or (request.endpoint != "static" and "_user_id" in session):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _tell(status: int, title: str, sentence: str) -> Response:
    """One problem, as the asker understands it: JSON, a fragment or a page."""
    if is_api():
        return problem(status, title, sentence)
    words = {"title": title, "sentence": sentence, "code": status}
    if "company" in g:
        try:
            return show(_problem_page(status), "errors/_problem.html", status=status, **words)
        except Exception:  # what is broken may be a part of every page
            log.exception("the page of a problem cannot be drawn in the look of its place")
            db.session.rollback()
    return show("errors/problem.html", "errors/_problem.html", status=status, **words)


def _problem_page(status: int) -> str:
    """The page that tells a problem: of the site, of the back office with its menu, or plain."""
    if on_public_site():
        return "errors/site_problem.html"
    at_work = request.path.startswith("/backoffice/") and current_actor().may(CorePermission.BACKOFFICE_ENTER)
    return "errors/office_problem.html" if at_work and status < 500 else "errors/problem.html"


def _tell_problem(error: DomainError) -> Response:
    missing = error.status == 404 and not is_api()
    title = gettext("There is nothing here") if missing else gettext("This cannot be done")
    response = _tell(error.status, title, str(error.sentence))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _tell_database_down(error: OperationalError) -> Response:
    log.error("database error", exc_info=error)
    g.pop("company", None)
    # Flask-Login has no other seam; who is signed in, only the database knows, and the page must not ask it again
    g._login_user = AnonymousUserMixin()  # noqa: SLF001
    g.preferences = {}  # the page that tells of it must not ask the database again
    return _tell(503, gettext("The database does not answer"), gettext("Nothing was lost. Try again in a minute."))


def _tell_crash(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    db.session.rollback()
    report_crash(error)
    return _tell(
        500, gettext("Something went wrong on our side"), gettext("The error was recorded. Nothing was stored.")
    )


def _ask_to_sign_in() -> WerkzeugResponse | None:
    """To the sign-in page and back, when a room offers one; None for the API, which is told 401."""
    endpoint = current_app.extensions.get("bottega_sign_in")
    if endpoint is None or is_api():
        return None
    if is_fragment():
        asked_from = urlsplit(request.headers.get("HX-Current-URL", ""))
        way_back = f"{asked_from.path}?{asked_from.query}" if asked_from.query else asked_from.path
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for(endpoint, next=way_back or None)
        return response
    way_back = request.full_path.rstrip("?")
    return redirect(url_for(endpoint, next=way_back if request.method == "GET" else None))


def _answers_itself(error: HTTPException) -> bool:
    """Whether an error needs no page of ours. Nobody reads that of a missing file, and it would begin a session."""
    return error.response is not None or (error.code or 0) < 400 or request.endpoint == "static"


def _tell_http(error: HTTPException) -> WerkzeugResponse:
    if error.code is None or _answers_itself(error):
        return error.get_response()
    if isinstance(error, SecurityError):  # a host that is not ours: no address can be made for a page
        return Response("This address is not served here.\n", 400, mimetype="text/plain")
    if error.code == 401 and (response := _ask_to_sign_in()):
        return response
    sentences = {
        400: (gettext("The request was not understood"), gettext("Go back, reload the page and try again.")),
        401: (gettext("Please sign in"), gettext("This page is for signed-in people.")),
        403: (
            gettext("This page is not for you"),
            gettext("Your role does not include it. Ask the owner for the right."),
        ),
        404: (gettext("There is nothing here"), gettext("The page was moved or never existed.")),
        405: (gettext("This address does not take that"), gettext("Go back and use the form on the page.")),
        413: (gettext("The file is too large"), gettext("Split it, or ask the agency to raise the limit.")),
        422: (gettext("The request was not understood"), gettext("Look at what was sent.")),
    }
    if isinstance(error, CSRFError):
        title, sentence = gettext("The form has expired"), gettext("Reload the page and send it again.")
    else:
        title, sentence = sentences.get(error.code, (error.name, error.description or ""))
        if error.code == 401 and is_api():
            sentence = gettext("Send a valid key as “Authorization: Bearer …”, or sign in.")
        if error.code == 403 and is_api():
            title, sentence = gettext("This is not for you"), gettext("The key or the role does not include it.")
    if is_api() and (errors := errors_of(error)):
        return problem(error.code, title, gettext("Look at the arguments that are named in `errors`."), errors)
    response = _tell(error.code, title, sentence)
    for challenge in getattr(error, "www_authenticate", None) or ():
        response.headers["WWW-Authenticate"] = str(challenge)
    if error.code == 405 and (methods := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(methods)
    return response
