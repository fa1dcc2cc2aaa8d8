"""The rows of "What we checked", one file each, found from this folder by explain.evidence."""
