"""What makes pages found: the index, notes of what was asked for, redirects, pictures."""
