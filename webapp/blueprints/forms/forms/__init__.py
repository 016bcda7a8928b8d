"""The forms of the back office, and the forms of the public site as they are shown."""
