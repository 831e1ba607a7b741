"""What the checks of this project share: the ladder, C sources, lessons."""
