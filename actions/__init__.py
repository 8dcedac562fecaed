"""Custom actions, one a file; only these modules import rasa_sdk."""
