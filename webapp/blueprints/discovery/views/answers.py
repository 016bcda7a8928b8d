"""What becomes of requests for pages that are not there: led on by a redirect, told that they are gone, or noted."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, request
from flask_babel import gettext as _

from webapp.blueprints.discovery.models import GONE, LONGEST_PATH
from webapp.blueprints.discovery.queries.redirects import find_redirect, plain_address
from webapp.blueprints.discovery.services.notes import note
from webapp.core.db import db
from webapp.core.site_paths import on_public_site
from webapp.core.web import show

# what looks for holes asks for these on every site; no visitor does
PROBES = re.compile(
    r"/(wp-|wordpress|\.|xmlrpc|phpmyadmin|cgi-bin|vendor/|actuator|owa/)|\.(env|bak|sql|git|ya?ml|ini|log)$",
    re.IGNORECASE,
)


def answer_missing(response: Any) -> Any:
    """After a request: where a page of the public site is not there, its redirect if it has one; else it is noted."""
    if response.status_code != 404 or request.method not in ("GET", "HEAD") or not on_public_site():
        return response
    path = plain_address(request.path)
    if "\x00" in path or len(path) > LONGEST_PATH:
        return response
    query = request.query_string.decode("utf-8", "replace")
    found = find_redirect(db.session(), path, query)
    if found is None:
        if request.method == "GET" and "text/html" in request.headers.get("Accept", "") and not PROBES.search(path):
            note("missing", path)
        return response
    note("hit", found.id)
    if found.kind == GONE:
        return show(
            "errors/site_problem.html",
            "errors/_problem.html",
            status=GONE,
            title=_("This page is gone"),
            sentence=_("It was taken away for good, and nothing took its place."),
            code=GONE,
        )
    target = found.target
    if query and "?" not in target and "?" not in found.source:
        place, mark, fragment = target.partition("#")
        target = f"{place}?{query}{mark}{fragment}"
    return redirect(target, found.kind)
