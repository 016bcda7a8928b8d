"""What the gold room does in GOLD: let others read it."""
