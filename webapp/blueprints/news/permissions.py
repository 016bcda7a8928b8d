"""The rights of the news room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class NewsPermission(StrEnum):
    """What may be done with articles."""

    ARTICLES_READ = "news:articles:read"
    ARTICLES_WRITE = "news:articles:write"
    ARTICLES_PUBLISH = "news:articles:publish"


TITLES = {
    NewsPermission.ARTICLES_READ: _l("See articles and their drafts"),
    NewsPermission.ARTICLES_WRITE: _l("Write articles, authors and tags, and delete drafts"),
    NewsPermission.ARTICLES_PUBLISH: _l("Publish articles, and change those that are published"),
}
