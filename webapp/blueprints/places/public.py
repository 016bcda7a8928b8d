"""What other rooms may use of places."""

from webapp.blueprints.places.models import Site
from webapp.blueprints.places.permissions import PlacesPermission
from webapp.blueprints.places.queries.opening import next_change, open_at
from webapp.blueprints.places.queries.sites import find_site, hours_of, list_sites

__all__ = ["PlacesPermission", "Site", "find_site", "hours_of", "list_sites", "next_change", "open_at"]
