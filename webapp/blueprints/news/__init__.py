"""The news room: articles of the public site in each language, with authors, tags and a feed."""
