"""Articles, their versions, authors and tags in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.news.models import Article, ArticleRevision, ArticleTag, Author
from webapp.blueprints.news.queries.office import STATES
from webapp.core.admin import OwnerModelView, ReadOnlyModelView


class ArticleAdmin(OwnerModelView):
    """Articles: what they say is written in the back office."""

    can_create = False
    column_list = ("id", "state", "publish_at", "expires_at", "updated_at")
    column_filters = ("state", "publish_at")
    column_sortable_list = ("state", "publish_at", "updated_at")
    column_choices: ClassVar[dict[str, Any]] = {"state": list(STATES.items())}
    form_choices: ClassVar[dict[str, Any]] = {"state": list(STATES.items())}
    form_columns = ("state", "publish_at", "expires_at")
    column_labels: ClassVar[dict[str, Any]] = {
        "state": _l("State"),
        "publish_at": _l("Published from"),
        "expires_at": _l("Until"),
        "updated_at": _l("Changed"),
    }


class AuthorAdmin(OwnerModelView):
    """Who writes."""

    column_list = ("id", "name", "slug", "updated_at")
    column_searchable_list = ("name", "slug")
    column_sortable_list = ("name", "slug")
    form_columns = ("name", "slug")
    column_labels: ClassVar[dict[str, Any]] = {"name": _l("Name"), "slug": _l("Address")}


class TagAdmin(OwnerModelView):
    """What articles are about: the names are written in the back office."""

    can_create = False
    can_edit = False
    column_list = ("id", "updated_at")
    column_sortable_list = ("updated_at",)


class RevisionAdmin(ReadOnlyModelView):
    """The versions of articles."""

    column_list = ("id", "article_id", "number", "saved_at", "saved_by")
    column_filters = ("article_id", "saved_by")
    column_sortable_list = ("article_id", "number", "saved_at")
    column_labels: ClassVar[dict[str, Any]] = {
        "number": _l("Number"),
        "saved_at": _l("Saved"),
        "saved_by": _l("By"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        ArticleAdmin(Article, _l("Articles")),
        AuthorAdmin(Author, _l("Authors")),
        TagAdmin(ArticleTag, _l("Tags")),
        RevisionAdmin(ArticleRevision, _l("Versions of articles")),
    ]
