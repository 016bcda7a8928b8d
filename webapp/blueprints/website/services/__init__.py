"""What people do with the pages of the site."""
