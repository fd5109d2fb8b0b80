"""Findings of the lenses beside the blocks: interdependence, coordination, the leader's forecast."""
