"""The pages of the website room: those that strangers see, and those on which editors write them."""
