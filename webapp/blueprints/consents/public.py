"""What other rooms may use of consents."""

from webapp.blueprints.consents.events import Taken, Used, WhatIsTaken, WhichAreUsed
from webapp.blueprints.consents.queries import has_consent
from webapp.blueprints.consents.services import record_consent

__all__ = ["Taken", "Used", "WhatIsTaken", "WhichAreUsed", "has_consent", "record_consent"]
