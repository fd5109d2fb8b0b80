"""The vocabulary everything else speaks: instruments, rosters, pulses and responses, as frozen values."""
