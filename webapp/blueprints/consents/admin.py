"""The register of consents in the administration, only to look at."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.consents.models import Consent, Notice
from webapp.core.admin import ReadOnlyModelView


class ConsentAdmin(ReadOnlyModelView):
    """Who agreed to what."""

    column_list = ("id", "subject", "purpose", "given", "version", "given_at", "withdrawn_at", "source")
    column_searchable_list = ("subject", "reference")
    column_filters = ("subject", "purpose", "given")
    column_labels: ClassVar[dict[str, Any]] = {
        "subject": _l("Who"),
        "purpose": _l("What for"),
        "given": _l("State"),
        "version": _l("Version of the words"),
        "given_at": _l("When"),
        "withdrawn_at": _l("Withdrawn"),
        "source": _l("Where"),
    }


class NoticeAdmin(ReadOnlyModelView):
    """The company's own words on the pages about privacy and cookies, version by version."""

    column_list = ("id", "kind", "number", "published_at", "published_by")
    column_filters = ("kind",)
    column_labels: ClassVar[dict[str, Any]] = {
        "kind": _l("Page"),
        "number": _l("Version"),
        "published_at": _l("Published"),
        "published_by": _l("Published by"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [ConsentAdmin(Consent, _l("Consents")), NoticeAdmin(Notice, _l("Words on privacy and cookies"))]
