"""The pages of the news: those of the public, and those in which they are written."""
