"""Benches: what a person waits for, measured on this machine beside the machine's own limit in the same run."""

from app.kernel.measuring import Bench, Result, spread, timed

__all__ = ["Bench", "Result", "spread", "timed"]
