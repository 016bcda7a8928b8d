"""The back office's first page: the dashboard, the data of its charts, and the greeting of those without figures."""

from webapp.blueprints.dashboard.views.pages import blueprint

__all__ = ["blueprint"]
