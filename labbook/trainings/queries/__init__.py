"""Reads about trainings; each in a fixed number of statements."""

from .demands import Contract, contracts_of, demanding, demands_of, proofs, proofs_of, training_by_slug, trainings_at
from .people import PersonRow, people_at, people_by_email, person_at, person_for_card, staff_at
from .sessions import (
    PlaceRow,
    SessionRow,
    WishRow,
    has_asked,
    open_wish,
    places_of,
    places_of_person,
    session_by_key,
    sessions_at,
    wished_by,
    wishes_at,
)

__all__ = [
    "Contract",
    "PersonRow",
    "PlaceRow",
    "SessionRow",
    "WishRow",
    "contracts_of",
    "demanding",
    "demands_of",
    "has_asked",
    "open_wish",
    "people_at",
    "people_by_email",
    "person_at",
    "person_for_card",
    "places_of",
    "places_of_person",
    "proofs",
    "proofs_of",
    "session_by_key",
    "sessions_at",
    "staff_at",
    "training_by_slug",
    "trainings_at",
    "wished_by",
    "wishes_at",
]
