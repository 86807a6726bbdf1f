"""Making, rotating and revoking feeds; what they hold and how they are answered."""
