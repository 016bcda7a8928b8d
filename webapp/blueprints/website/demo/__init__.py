"""The demo company's site: its profile, and the pages of a shop of ceramics and good food in Faenza."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.blueprints.website.demo.pages import write_pages
from webapp.blueprints.website.demo.profile import write_profile


def load_demo(session: Session) -> None:
    """Write the company's profile over the one that stands there, and publish its pages in both languages."""
    write_profile(session)
    write_pages(session)
