"""Sync: keeps terminals, hub and Odoo in step; it holds no business rules."""
