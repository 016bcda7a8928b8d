"""Who may write where on the public site, who did what, and what there needs care."""
