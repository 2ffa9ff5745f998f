"""Pages, one noun a file. Each module has a blueprint `bp`; the app finds them by itself."""
