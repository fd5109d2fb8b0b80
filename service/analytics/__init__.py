"""What releases mean, recomputable by anybody who holds the releases: nothing here reads anything else."""
