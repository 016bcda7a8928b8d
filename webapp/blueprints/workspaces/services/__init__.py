"""What people do with groups and projects."""
