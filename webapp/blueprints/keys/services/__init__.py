"""What happens to keys, one matter a file."""
