"""Official lists in, official lists out."""
