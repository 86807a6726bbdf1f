"""Slice: what hangs on the lab's walls and doors: signs on tablets, day lists on paper, labels on instruments."""
