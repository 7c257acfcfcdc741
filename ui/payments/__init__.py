"""Payments at the terminal: paying a job, handing it over, giving money back, and the cash drawer."""
