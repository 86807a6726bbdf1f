"""What somebody sees first: what is next, what waits, what changed, and the resources that they keep at hand."""
