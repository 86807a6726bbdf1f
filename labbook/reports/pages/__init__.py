"""What the pages about evidence show, by theme."""
