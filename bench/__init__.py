"""Measures Linden beside a stock Rasa assistant; `make bench` runs it and docs/BENCHMARK.md says what came of it."""
