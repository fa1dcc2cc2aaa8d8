"""A module that a hostile config names. Nothing may import it."""

raise AssertionError("a name from an uploaded config was imported")
