"""Trends of many series at once: a state-space model pooled over units, its changes, and what may be compared."""
