"""The pages of accounts, one matter a file."""
