"""What the tests of the accounts room share."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from webapp.core.company import get_company


@pytest.fixture
def english(session: Session) -> None:
    """Pages and mails are in English where nobody says otherwise."""
    get_company(session).languages = "en,it"
    session.commit()
