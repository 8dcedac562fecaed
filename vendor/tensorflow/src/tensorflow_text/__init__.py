"""Placeholder; see the package `tensorflow` beside this one."""

from tensorflow import dress

dress(globals())
