"""What the traffic room does: it reads logs, keeps them, and derives visits."""
