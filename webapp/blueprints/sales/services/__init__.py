"""What the sales room does."""
