"""All SQL, and nothing but SQL: one module a noun, each query a named function over one transaction."""
