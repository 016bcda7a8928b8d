"""Menus, footer and notice bar of the public site."""
