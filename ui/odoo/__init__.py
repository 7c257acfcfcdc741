"""Odoo: how the hub stands to it, what is stuck, what is matched with what, and where stock differs."""
