"""Signing in with an organisation's own provider (OpenID Connect): what it says, whether it is believed, what it gives.

Nothing here is used, and nothing fetched, unless the settings name a provider.
"""
