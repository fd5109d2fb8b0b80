"""Where the secrets of open pulses lie: outside the database, and destroyed when a pulse closes."""
