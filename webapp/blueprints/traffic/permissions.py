"""The rights of the traffic room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class TrafficPermission(StrEnum):
    """What may be done with what visitors of the site left in the logs."""

    READ = "traffic:figures:read"
    VAULT = "traffic:vault:read"
    RULES = "traffic:rules:write"
    NOTES = "traffic:notes:write"
    ALERTS = "traffic:alerts:write"


TITLES = {
    TrafficPermission.READ: _l("See who visits the site, without full addresses"),
    TrafficPermission.RULES: _l("Edit the rules that tell persons, robots and attacks apart"),
    TrafficPermission.NOTES: _l("Write notes on the time charts of the traffic"),
    TrafficPermission.ALERTS: _l("Edit the rules of alerts, and who gets them and the weekly report"),
    TrafficPermission.VAULT: _l("Read full addresses and rejected lines; each reading is written down"),
}
