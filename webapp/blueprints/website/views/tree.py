"""The tree of pages in the back office: seeing it, moving pages in it, new ones, and taking one away."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.website.forms import DeletePageForm, NewPageForm
from webapp.blueprints.website.permissions import WebsitePermission as May
from webapp.blueprints.website.queries.pages import (
    Line,
    branch_of,
    count_pages,
    find_home,
    get_page,
    list_lines,
    read_branch,
    search_pages,
    subtree_of,
)
from webapp.blueprints.website.services.pages import arrange_pages, create_page, delete_page, move_page, put_page
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError
from webapp.core.forms import pressed_button, sent_numbers, submit, whole_number
from webapp.core.i18n import offered_languages
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("website_tree", __name__, template_folder="../templates", url_prefix="/backoffice/site/pages")
SMALL = 150
"""A site of so many pages is shown as a whole; of a larger one, one level and its branches on demand."""
A_LEVEL = 100


@blueprint.get("/")
@requires(May.PAGES_READ)
def pages() -> Response:
    """The tree, a branch of a large one, or the pages that a search finds."""
    session = db.session()
    words = request.args.get("q", "").replace("\x00", "").strip()[:100]
    found = search_pages(session, words) if words else []
    home = find_home(session)
    under = request.args.get("under", type=int)
    top = get_page(session, under) if under else home
    after = max(request.args.get("after", 0, type=int), 0)
    depth = 12 if count_pages(session) <= SMALL else 1
    branch = read_branch(session, top, now=utc_now(), depth=depth, most=A_LEVEL, after=after) if top else None
    above = branch_of(session, top.id)[1:] if top else ()
    lines = list_lines(session, above, now=utc_now())
    crumbs = [(number, _title(lines.get(number, {}), number)) for number in reversed(above)]
    return show(
        "website/pages.html",
        branch=branch,
        crumbs=crumbs,
        words=words,
        found=found,
        after=after,
        a_level=A_LEVEL,
        languages=g.company.language_codes,
    )


@blueprint.post("/arrange")
@requires(May.PAGES_EDIT)
def arrange() -> Response:
    """Move a page by a button, or put pages where they were dropped: one below another, those of a level in their order."""
    by = current_actor()
    back = url_for("website_tree.pages", under=request.form.get("under", type=int))
    moved, direction = pressed_button("move")
    put, below = pressed_button("put")
    parent = whole_number(below)
    with transaction() as session:
        if moved is not None and direction in ("up", "down", "in", "out"):
            move_page(session, by=by, page_id=moved, direction=direction)  # type: ignore[arg-type]  # one of them
            return done(f"{back}#page-{moved}", _("The page was moved."))
        if put is not None and parent is not None:
            put_page(session, by=by, page_id=put, parent_id=parent, order=sent_numbers("order"))
        else:
            arrange_pages(session, by=by, order=sent_numbers("order"))
    return done(f"{back}#page-{put}", _("The page was moved.")) if put is not None else done(back)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.PAGES_EDIT)
def new_page() -> Response:
    """The form of a new page, empty or from a copy, and its creation."""
    form = _new_page_form()
    if request.method == "POST":
        by = current_actor()
        language = str(form.language.data)
        parent, source = whole_number(form.parent_id.data), whole_number(form.copy_of.data)
        number = submit(
            form,
            lambda session: (
                create_page(
                    session, by=by, parent_id=parent, language=language, title=form.title.data, copy_of=source
                ).id
            ),
        )
        if number is not None:
            return done(
                url_for("website_pages.edit", page_id=number, language=language),
                _("The page was created. Nobody else sees it until it is published."),
            )
    return show("website/page_new.html", status=422 if form.errors else 200, form=form)


@blueprint.route("/<int:page_id>/delete", methods=["GET", "POST"])
@requires(May.PAGES_EDIT)
def remove_page(page_id: int) -> Response:
    """The question whether to delete a page, with those below it, and the deletion."""
    session, by = db.session(), current_actor()
    page = get_page(session, page_id)
    form = DeletePageForm(obj=page)
    problem = None
    if request.method == "POST":
        try:
            with transaction() as writing:
                delete_page(
                    writing, by=by, page_id=page_id, version=form.seen_version, with_below=bool(form.with_below.data)
                )
            return done(url_for("website_tree.pages"), _("The page was deleted."))
        except DomainError as error:
            problem = error.sentence
            page = get_page(session, page_id)
    lines = list_lines(session, [page_id], now=utc_now()).get(page_id, {})
    return show(
        "website/page_delete.html",
        status=409 if problem else 200,
        place=page,
        form=form,
        lines=lines,
        title=_title(lines, page_id),
        below=len(subtree_of(session, page_id)) - 1,
        problem=problem,
    )


def _new_page_form() -> NewPageForm:
    session = db.session()
    languages = offered_languages()
    form = NewPageForm()
    names = {"it": _("Italian"), "en": _("English")}
    form.language.choices = [(code, names[code]) for code in languages]
    home = find_home(session)
    branch = (
        read_branch(session, home, now=utc_now(), depth=12 if count_pages(session) <= SMALL else 1) if home else None
    )
    choices: list[tuple[str, str]] = []
    waiting = [(branch, 0)] if branch else []
    while waiting:
        each, depth = waiting.pop()
        choices.append((str(each.page.id), "\u2007" * 2 * depth + each.title(languages)))
        waiting += [(below, depth + 1) for below in reversed(each.below)]
    wanted = request.args.get("parent", type=int)
    if wanted and str(wanted) not in dict(choices):
        lines = list_lines(session, [wanted], now=utc_now()).get(wanted, {})
        choices.append((str(wanted), _title(lines, wanted)))
    form.parent_id.choices = choices or [("", _("Nothing: it is the start page"))]
    form.copy_of.choices = [
        ("", _("An empty page")),
        *((key, _("A copy of: %(title)s", title=label.strip("\u2007"))) for key, label in choices),
    ]
    if request.method == "GET":
        form.parent_id.data = str(wanted or (home.id if home else ""))
        form.copy_of.data = request.args.get("copy", "")
        form.language.data = request.args.get("language", languages[0])
    return form


def _title(lines: Mapping[str, Line], number: int) -> str:
    titles = [lines[language].title for language in offered_languages() if language in lines]
    return titles[0] if titles else _("Page %(number)s", number=number)
