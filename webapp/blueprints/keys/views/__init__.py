"""The pages of keys, one matter a file."""
