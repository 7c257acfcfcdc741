"""Scan: where codes come in; each source makes a RawScan and nothing more."""
