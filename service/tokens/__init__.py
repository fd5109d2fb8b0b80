"""The right to answer once: issued as a secret, kept as a digest, spent without saying by whom."""
