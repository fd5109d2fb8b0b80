"""What is printed: reports, letters and posters."""
