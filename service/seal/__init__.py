"""Answers sealed on arrival to a key that whoever collects them does not hold."""
