"""Measurements that anyone can repeat: `make bench`, or one part with `python -m bench NAME`."""
