"""Slice: agreements of partners with sites, and the conditions of use that people accept."""
