"""What happens to accounts, one matter a file."""
