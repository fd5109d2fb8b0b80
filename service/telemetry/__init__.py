"""Figures for whoever runs the service: nothing in them tells when somebody answered."""
