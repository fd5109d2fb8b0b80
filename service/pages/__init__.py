"""Findings and documents become HTML and SVG that need no script to be read."""
