"""What other rooms may use of the news."""

from webapp.blueprints.news.models import Article, ArticleTag, Author
from webapp.blueprints.news.permissions import NewsPermission

__all__ = ["Article", "ArticleTag", "Author", "NewsPermission"]
