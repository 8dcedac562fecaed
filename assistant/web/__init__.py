"""The web channel without Rasa and without a server: sessions, limits, words, pages, and who may ask for what."""
