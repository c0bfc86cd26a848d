"""Ledgers in: the files that offices send become rows, or come back with the reasons."""
