"""The kernel: mechanisms that every capability uses, each written once."""
