"""The consents room."""
