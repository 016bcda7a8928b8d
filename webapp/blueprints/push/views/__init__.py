"""The pages of notifications: where visitors ask for them, and where the company writes them."""
