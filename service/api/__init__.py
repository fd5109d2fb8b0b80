"""The operations over HTTP: every route translates, calls one operation and decides nothing."""
