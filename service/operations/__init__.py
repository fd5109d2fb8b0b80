"""Verbs: one use case, one transaction each; HTTP and shell call the same and decide nothing."""
