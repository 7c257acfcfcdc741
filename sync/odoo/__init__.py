"""Odoo: what the hub tells it and asks it, over whichever of its two protocols it speaks."""
