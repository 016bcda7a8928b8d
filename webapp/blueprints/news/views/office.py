"""Where the articles are written: the list, one of them with its previews and versions, its form."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.media.public import find_image
from webapp.blueprints.news.forms import ArticleForm, labels_of
from webapp.blueprints.news.models import Article, ArticleRevision
from webapp.blueprints.news.permissions import NewsPermission as May
from webapp.blueprints.news.queries.office import (
    ARTICLES,
    STATES,
    author_choices,
    get_article,
    get_revision,
    list_revisions,
    tag_choices,
)
from webapp.blueprints.news.services.articles import (
    content_of,
    create_article,
    delete_article,
    demand_touch,
    may_touch,
    restore_revision,
    update_article,
)
from webapp.blueprints.news.services.previews import DAYS, preview_token
from webapp.blueprints.news.settings import article_path, preview_path
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.differences import Change, words_apart
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, RecordForm, submit
from webapp.core.i18n import choose_language
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.shell import LANGUAGE_NAMES
from webapp.core.web import done, show

blueprint = Blueprint("news_office", __name__, template_folder="../templates", url_prefix="/backoffice/site/news")


@blueprint.get("/")
@requires(May.ARTICLES_READ)
def articles() -> Response:
    """The list of articles, or its export."""
    return show_list(db.session(), ARTICLES, "news/office/articles.html", "news/office/_articles.html")


@blueprint.get("/<int:article_id>/")
@requires(May.ARTICLES_READ)
def article(article_id: int) -> Response:
    """One article, with the links of its previews and its versions."""
    found = get_article(db.session(), article_id)
    token = preview_token(found.id)
    languages = [
        (
            language,
            found.words[language],
            article_path(language, found.words[language].slug) if found.state == "published" else "",
            preview_path(language, token),
        )
        for language in g.company.language_codes
        if language in found.words
    ]
    return show(
        "news/office/article.html",
        article=found,
        languages=languages,
        authors=", ".join(byline.author.name for byline in found.bylines),
        revisions=list_revisions(db.session(), article_id),
        states=STATES,
        touchable=may_touch(current_actor(), found),
        days=DAYS,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def new_article() -> Response:
    """The form of a new article, and its creation."""
    by = current_actor()
    form = ArticleForm(zone=g.company.zone, **_offer())
    if request.method == "GET":
        return _show_form(form)
    created = submit(form, lambda session: create_article(session, by=by, values=form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for("news_office.article", article_id=created), _("The article was created."))


@blueprint.route("/<int:article_id>/edit", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def edit_article(article_id: int) -> Response:
    """The form of an article, and its change; the second of two editors is told."""
    by = current_actor()

    def load() -> Article:
        found = get_article(db.session(), article_id)
        demand_touch(by, found)
        return found

    return ask_and_edit(
        load,
        partial(ArticleForm.of, zone=g.company.zone, **_offer()),
        _show_form,
        lambda s, form, seen: update_article(s, by=by, article_id=article_id, version=seen, values=form.values()),
        then=url_for("news_office.article", article_id=article_id),
        message=_("The article was saved."),
    )


@blueprint.route("/<int:article_id>/delete", methods=["GET", "POST"])
@requires(May.ARTICLES_WRITE)
def remove_article(article_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, Any]:
        found = get_article(db.session(), article_id)
        demand_touch(by, found)
        return {"article": found}

    return ask_and_delete(
        "news/office/article_delete.html",
        tell,
        lambda s, seen: delete_article(s, by=by, article_id=article_id, version=seen),
        then=url_for("news_office.articles"),
        message=_("The article was deleted."),
    )


@blueprint.get("/<int:article_id>/versions/<int:number>")
@requires(May.ARTICLES_READ)
def revision(article_id: int, number: int) -> Response:
    """An earlier version beside the present one."""
    found = get_article(db.session(), article_id)
    then = get_revision(db.session(), article_id, number)
    return show(
        "news/office/revision.html",
        article=found,
        revision=then,
        changes=_changes(found, then),
        touchable=may_touch(current_actor(), found),
    )


@blueprint.post("/<int:article_id>/versions/<int:number>/restore")
@requires(May.ARTICLES_WRITE)
def restore(article_id: int, number: int) -> Response:
    """Make an earlier version the present one."""
    by, seen = current_actor(), RecordForm().seen_version
    with transaction() as session:
        restore_revision(session, by=by, article_id=article_id, version=seen, number=number)
    return done(url_for("news_office.article", article_id=article_id), _("The earlier version was restored."))


def _offer() -> dict[str, Any]:
    session = db.session()
    return {
        "languages": g.company.language_codes,
        "authors": author_choices(session),
        "tags": tag_choices(session, choose_language()),
        "publishing": current_actor().may(May.ARTICLES_PUBLISH),
    }


def _changes(article: Article, revision: ArticleRevision) -> list[Change]:
    """What the article says otherwise than it did in that version."""
    offer = _offer()
    labels = {"title": _("Title"), "summary": _("Summary"), "body": _("Text"), "slug": _("Address")}
    then, now = revision.content, content_of(article)
    rows = []
    for language in sorted({*then["words"], *now["words"]}, reverse=True):
        mine, theirs = then["words"].get(language, {}), now["words"].get(language, {})
        named = LANGUAGE_NAMES[language]
        rows += [(f"{label} ({named})", mine.get(key, ""), theirs.get(key, "")) for key, label in labels.items()]
    for key, label, choices in (("author_ids", _("Authors"), offer["authors"]), ("tag_ids", _("Tags"), offer["tags"])):
        rows.append((label, labels_of(choices, then[key]), labels_of(choices, now[key])))
    rows.append((_("Picture"), *(_picture(each["picture_id"]) for each in (then, now))))
    return [Change(label, words_apart(old, new)) for label, old, new in rows if old != new]


def _picture(number: int | None) -> str:
    """A picture by name and number: two may have the same name."""
    found = find_image(db.session(), number)
    return f"{found} ({number})" if found else str(number or "")


def _show_form(
    form: ArticleForm,
    stored: Article | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show("news/office/article_form.html", status=status, form=form, article=stored, differences=differences)
