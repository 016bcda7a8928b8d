"""What people do with articles, authors and tags."""
