"""What people do with forms and with what is written in them."""
