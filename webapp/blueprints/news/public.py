"""What other rooms may use of the news."""

from webapp.blueprints.news.models import Article, Author, Tag
from webapp.blueprints.news.permissions import NewsPermission

__all__ = ["Article", "Author", "NewsPermission", "Tag"]
