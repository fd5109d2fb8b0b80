"""What people see in a browser: one module a page or a few that belong together."""
