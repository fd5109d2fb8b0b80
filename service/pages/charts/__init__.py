"""What is drawn: where every line and mark of a picture stands."""
