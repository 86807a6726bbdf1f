"""LabBook: bookings for a shared laboratory."""
