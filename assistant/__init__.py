"""Linden: a quiet place to ask about trauma bonds. Plain Python that knows no Rasa."""
