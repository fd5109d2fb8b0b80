"""The manager's pages: the roster, and a pulse from its draft to its release."""
