"""The pages of authors and tags in the back office."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.news.forms import AuthorForm, TagForm
from webapp.blueprints.news.models import ArticleTag, Author
from webapp.blueprints.news.permissions import NewsPermission as May
from webapp.blueprints.news.queries.office import AUTHORS, TAGS, get_author, get_tag
from webapp.blueprints.news.services.bylines import (
    create_author,
    create_tag,
    delete_author,
    delete_tag,
    update_author,
    update_tag,
)
from webapp.blueprints.news.views.office import blueprint
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show


@blueprint.get("/authors/")
@requires(May.ARTICLES_READ)
def authors() -> Response:
    """The list of authors, or its export."""
    return show_list(db.session(), AUTHORS, "news/office/authors.html", "news/office/_authors.html")


@blueprint.route("/authors/new", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def new_author() -> Response:
    """The form of a new author, and their creation."""
    by, form = current_actor(), AuthorForm(languages=g.company.language_codes)
    if request.method == "GET":
        return _show_author(form)
    if submit(form, lambda session: create_author(session, by=by, values=form.values()).id) is None:
        return _show_author(form, status=422)
    return done(url_for("news_office.authors"), _("The author was created."))


@blueprint.route("/authors/<int:author_id>/edit", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def edit_author(author_id: int) -> Response:
    """The form of an author, and the change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_author(db.session(), author_id),
        partial(AuthorForm.of, languages=g.company.language_codes),
        _show_author,
        lambda s, form, seen: update_author(s, by=by, author_id=author_id, version=seen, values=form.values()),
        then=url_for("news_office.authors"),
        message=_("The author was saved."),
    )


@blueprint.route("/authors/<int:author_id>/delete", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def remove_author(author_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "news/office/author_delete.html",
        lambda: {"author": get_author(db.session(), author_id)},
        lambda s, seen: delete_author(s, by=by, author_id=author_id, version=seen),
        then=url_for("news_office.authors"),
        message=_("The author was deleted."),
    )


@blueprint.get("/tags/")
@requires(May.ARTICLES_READ)
def tags() -> Response:
    """The list of tags, or its export."""
    return show_list(db.session(), TAGS, "news/office/tags.html", "news/office/_tags.html")


@blueprint.route("/tags/new", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def new_tag() -> Response:
    """The form of a new tag, and its creation."""
    by, form = current_actor(), TagForm(languages=g.company.language_codes)
    if request.method == "GET":
        return _show_tag(form)
    if submit(form, lambda session: create_tag(session, by=by, names=form.values()).id) is None:
        return _show_tag(form, status=422)
    return done(url_for("news_office.tags"), _("The tag was created."))


@blueprint.route("/tags/<int:tag_id>/edit", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def edit_tag(tag_id: int) -> Response:
    """The form of a tag, and the change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_tag(db.session(), tag_id),
        partial(TagForm.of, languages=g.company.language_codes),
        _show_tag,
        lambda s, form, seen: update_tag(s, by=by, tag_id=tag_id, version=seen, names=form.values()),
        then=url_for("news_office.tags"),
        message=_("The tag was saved."),
    )


@blueprint.route("/tags/<int:tag_id>/delete", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def remove_tag(tag_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "news/office/tag_delete.html",
        lambda: {"tag": get_tag(db.session(), tag_id)},
        lambda s, seen: delete_tag(s, by=by, tag_id=tag_id, version=seen),
        then=url_for("news_office.tags"),
        message=_("The tag was deleted."),
    )


def _show_author(form: AuthorForm, stored: Author | None = None, **more: Any) -> Response:
    return show("news/office/author_form.html", form=form, author=stored, **more)


def _show_tag(form: TagForm, stored: ArticleTag | None = None, **more: Any) -> Response:
    return show("news/office/tag_form.html", form=form, tag=stored, **more)
