"""What is done for an installed site: its icons, its manifest, its worker's settings."""
