"""What the media room does: reads uploads, keeps files, makes renditions, and changes images and galleries."""
