"""Redwood: an anonymous pulse survey whose every published figure has passed one gate."""
