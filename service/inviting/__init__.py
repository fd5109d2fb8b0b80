"""How others are told: webhooks to systems, letters to people. No rows, no keys: what is said is handed in."""
