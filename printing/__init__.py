"""Printing: labels and documents, from template to paper; it holds no business rules."""
