"""What is done with notifications: keys, browsers that want them, topics, messages, and their sending."""
