"""Thin adapters between `assistant` and Rasa; only these modules import rasa."""

from assistant.quiet import configure

configure()
