"""Archetypes of teams: a mixture that is believed only when chance does not make it too."""
