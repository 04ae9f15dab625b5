"""The number systems: what else the entries of an array can be, one file each (docs/numbers.md)."""
