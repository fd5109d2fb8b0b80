"""The gate: the only place that makes a Release, and the adversary that attacks it first."""
