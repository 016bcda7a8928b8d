"""The shopfront room: the products of the catalogue as the public site shows them."""
