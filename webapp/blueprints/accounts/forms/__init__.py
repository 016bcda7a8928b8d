"""The forms of accounts, one matter a file."""
