"""The tables, shared by all slices."""

from .audit import Event, EventDetail, Seal, Sealed
from .booking import Booking, Claim, Hold, IdempotencyKey, Request, Series, SkippedDate
from .feed import Feed
from .notice import Notice
from .people import (
    Agreement,
    Partner,
    Person,
    Project,
    ProjectPartner,
    RoleGrant,
    SignIn,
    Training,
    TrainingRecord,
)
from .resource import Resource, ResourceApprover, ResourcePartner, ResourceTraining, Unit
from .site import Area, Closure, OpeningRow, Site

__all__ = [
    "Agreement",
    "Area",
    "Booking",
    "Claim",
    "Closure",
    "Event",
    "EventDetail",
    "Feed",
    "Hold",
    "IdempotencyKey",
    "Notice",
    "OpeningRow",
    "Partner",
    "Person",
    "Project",
    "ProjectPartner",
    "Request",
    "Resource",
    "ResourceApprover",
    "ResourcePartner",
    "ResourceTraining",
    "RoleGrant",
    "Seal",
    "Sealed",
    "Series",
    "SignIn",
    "Site",
    "SkippedDate",
    "Training",
    "TrainingRecord",
    "Unit",
]
