"""Responses become additive sufficient statistics; confidential until they have passed the gate."""
