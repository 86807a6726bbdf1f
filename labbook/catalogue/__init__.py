"""Slice: sites, areas, resources and when they are shut."""
