"""Messengers: one file each, on one base class that trusts nobody."""
