"""The pages of the consents room."""
