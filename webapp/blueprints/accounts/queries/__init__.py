"""Questions about people and their rights, one matter a file."""
