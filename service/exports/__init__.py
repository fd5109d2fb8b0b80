"""Findings as tables and files, with a description of every column."""
