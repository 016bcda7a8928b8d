"""The company profile's pages."""

from flask import Flask


def set_up_company_pages(app: Flask) -> None:
    """Open the company profile."""
    from webapp.core.security import public
    public(app.view_functions["static"])
