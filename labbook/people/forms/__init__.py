"""Forms about people: shape and types, by theme."""
