"""The texts that people accept: as pages for everybody, as a question before one goes on, and as a form for the owner."""

from __future__ import annotations

from flask import Blueprint, Flask, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.people import DocumentForm
from webapp.blueprints.accounts.models import DocumentKind
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.terms import (
    KINDS,
    find_document,
    list_acceptances,
    list_documents,
    list_published,
    list_waiting,
)
from webapp.blueprints.accounts.services.terms import TextsUnread, accept_documents, publish_document
from webapp.blueprints.accounts.views.proof import own
from webapp.blueprints.accounts.views.signed_in import caller, signed_in
from webapp.core.db import db, transaction
from webapp.core.errors import NotFound
from webapp.core.forms import submit
from webapp.core.i18n import choose_language
from webapp.core.security import current_actor, public, requires
from webapp.core.switches import own_path
from webapp.core.web import done, is_fragment, show

blueprint = Blueprint("terms", __name__, template_folder="../templates")
ASKED_AT = ("/backoffice", "/admin", "/account")
# who does not accept may still look at their data, take it along, and leave
UNASKED = frozenset({"terms.accept", "privacy.data", "privacy.export", "privacy.suspend", "privacy.leave"})


def set_up_terms(app: Flask) -> None:
    """Ask everybody who has not accepted the texts in force before they go on."""
    app.before_request(_ask)


@blueprint.get("/terms", defaults={"kind": "terms"})
@blueprint.get("/privacy", defaults={"kind": "privacy"})
@public
def document(kind: str) -> Response:
    """A text in force, or an earlier version of it."""
    asked = request.args.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    found = find_document(db.session(), kind, number)
    if found is None:
        raise NotFound(_("This text has not been published."))
    return show("accounts/document.html", found=found, title=KINDS[found.kind], text=_text_of(found.texts))


def render_links() -> str:
    """Links to the published texts, for the foot of the public pages; "" while there is none."""
    kinds = {kind: KINDS[kind] for kind in list_published(db.session())}
    return render_template("accounts/_text_links.html", kinds=kinds) if kinds else ""


@blueprint.route("/account/terms", methods=["GET", "POST"])
@requires()
@own
def accept() -> Response:
    """The question whether somebody accepts the texts in force, and the answer."""
    by, target = current_actor(), own_path(request.values.get("next"))
    problem, status = "", 200
    if request.method == "POST":
        numbers = {int(text) for text in request.form.getlist("accepted") if text.isascii() and text.isdigit()}
        try:
            with transaction() as database:
                accept_documents(database, by=by, accepted=numbers, address=caller().address)
        except TextsUnread as unread:
            problem, status = str(unread.sentence), 422
        else:
            return done(target if target != "/" else url_for("accounts.enter"), _("Thank you: you may go on."))
    waiting = list_waiting(db.session(), by.user_id or 0)
    return show(
        "accounts/accept.html",
        status=status,
        waiting=[(each, KINDS[each.kind], _text_of(each.texts)) for each in waiting],
        accepted=list_acceptances(db.session(), by.user_id or 0),
        kinds=KINDS,
        problem=problem,
        target=target,
    )


@blueprint.get("/backoffice/terms/")
@requires(May.TERMS_EDIT)
def documents() -> Response:
    """All versions of the texts."""
    return show("accounts/documents.html", rows=list_documents(db.session()), kinds=KINDS)


@blueprint.route("/backoffice/terms/<any(terms, privacy):kind>/new", methods=["GET", "POST"])
@requires(May.TERMS_EDIT)
def new_document(kind: str) -> Response:
    """The form of a new version, which starts from the one in force, and its publication."""
    before = find_document(db.session(), kind)
    texts = before.texts if before else {}
    form = DocumentForm(data={"italian": texts.get("it", ""), "english": texts.get("en", "")})
    if request.method == "GET":
        return show("accounts/document_form.html", form=form, title=KINDS[kind])
    by, languages = current_actor(), g.company.language_codes
    written = {"it": form.italian.data or "", "en": form.english.data or ""}
    made = submit(
        form,
        lambda database: (
            publish_document(database, by=by, kind=DocumentKind(kind), texts=written, languages=languages).number
        ),
    )
    if made is None:
        return show("accounts/document_form.html", status=422, form=form, title=KINDS[kind])
    return done(url_for("terms.documents"), _("Version %(number)s is in force: everybody is asked.", number=made))


def _text_of(texts: dict[str, str]) -> str:
    """The text in the reader's language, else in one that there is."""
    return texts.get(choose_language()) or next(iter(texts.values()), "")


def _ask() -> Response | None:
    if not request.path.startswith(ASKED_AT) or request.endpoint in UNASKED or request.endpoint is None:
        return None
    found = signed_in()
    if found is None or not found.terms_wait:
        return None
    address = url_for("terms.accept", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    if is_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, 303)
