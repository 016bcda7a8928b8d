"""What the company tells its visitors of the counting, from the settings: open to all, with a link at the foot of each page."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.services.privacy import HIDDEN
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


def render_link() -> str:
    """The link at the foot of public pages."""
    return render_template("traffic/_notice_link.html")
