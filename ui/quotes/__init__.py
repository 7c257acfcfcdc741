"""Quotes on the screen: the list, a version with its lines, the customer's signature, and prices of a job's lines."""
