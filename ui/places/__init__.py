"""Places at the terminal: bins and what lies in them."""
