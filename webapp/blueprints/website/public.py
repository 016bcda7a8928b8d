"""What other rooms may use of the website: its events, its question before changes, and its pages for their demos."""

from webapp.blueprints.website.events import PagePublished, PageTakenOff
from webapp.blueprints.website.models import Draft, Page, PageText, Publication, Revision
from webapp.blueprints.website.permissions import WebsitePermission
from webapp.blueprints.website.ports import MayChange, Refusal
from webapp.blueprints.website.queries.pages import branch_of, get_page, get_written, subtree_of
from webapp.blueprints.website.queries.revisions import compare, get_revision
from webapp.blueprints.website.queries.shown import find_shown, list_crumbs
from webapp.blueprints.website.services.publishing import publish, unpublish

__all__ = [
    "Draft",
    "MayChange",
    "Page",
    "PagePublished",
    "PageTakenOff",
    "PageText",
    "Publication",
    "Refusal",
    "Revision",
    "WebsitePermission",
    "branch_of",
    "compare",
    "find_shown",
    "get_page",
    "get_revision",
    "get_written",
    "list_crumbs",
    "publish",
    "subtree_of",
    "unpublish",
]
