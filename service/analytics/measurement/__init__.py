"""Classical measurement statistics over plain arrays: each a closed form or a small fit, with its source."""
