"""Slice: the waiting list. Its service stands above that of bookings, since what is offered is booked the one way."""
