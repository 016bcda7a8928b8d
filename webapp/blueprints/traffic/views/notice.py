"""What the company tells its visitors of the counting, from the settings: open to all, with a link at the foot of each page."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.services.privacy import HIDDEN
from webapp.core.personal import Keeping
from webapp.core.security import public
from webapp.core.settings import house_settings
from webapp.core.web import show

blueprint = Blueprint("traffic_notice", __name__, template_folder="../templates")


@blueprint.get("/how-visits-are-counted")
@public
def notice() -> Response:
    """What is counted, what is kept for how long, and what is not."""
    settings = house_settings()
    hidden4, hidden6 = HIDDEN[settings.traffic_anonymize]
    return show(
        "traffic/notice.html",
        days=settings.traffic_days,
        vault_days=settings.traffic_vault_days,
        hidden4=hidden4,
        hidden6=hidden6,
        countries=settings.traffic_countries is not None,
    )


def tell_keepings() -> Iterator[Keeping]:
    """How long lines of the server's log are kept."""
    settings = house_settings()
    for what, days in (
        (_("Lines of the server's log with your full network address"), settings.traffic_vault_days),
        (_("The rest of these lines, with a shortened address that names you no longer"), settings.traffic_days),
    ):
        yield Keeping(what, ngettext("%(num)s day", "%(num)s days", days))


def render_link() -> str:
    """The link at the foot of public pages."""
    return render_template("traffic/_notice_link.html")
