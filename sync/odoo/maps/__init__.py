"""What of ours is what in Odoo: one module for each capability."""
