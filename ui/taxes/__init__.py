"""Taxes: the list of codes with their rates, and the page of one."""
