"""Data sets, one file each, found by what they declare."""
