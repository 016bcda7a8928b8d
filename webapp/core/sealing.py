"""Sealed texts: what the house must read again later and the database shall not tell, closed with SECRET_KEY."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class SealBroken(Exception):
    """The text was not sealed with today's SECRET_KEY, or was changed since."""


def seal(text: str, *, purpose: str) -> str:
    """`text`, encrypted and signed for one `purpose`: what was sealed for another does not open."""
    return _key(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text that was sealed. Raises SealBroken."""
    try:
        return _key(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken from None


def _key(purpose: str) -> Fernet:
    secret: str = current_app.extensions["settings"].secret_key
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"bottega {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))
