"""Customers and vehicles at the terminal."""
