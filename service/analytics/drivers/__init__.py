"""Which blocks go with an outcome between teams, and how surely."""
