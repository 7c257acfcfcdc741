"""What comes in from Odoo, model by model, in the order in which they are read: what others name comes before them."""
