"""What hangs on walls, put together for its templates."""
