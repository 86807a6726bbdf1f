"""Slice: LabBook in the pocket. What is free now, the page behind the code on an instrument, and the app on a phone."""
