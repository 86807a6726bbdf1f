"""The tables, shared by all slices."""

from .access import Identity, Invitation, JoinRequest, OneTimeLink, RecoveryCode, SignIn, Try
from .agreement import Acceptance, Agreement, AgreementArea, AgreementResource, Conditions
from .audit import Event, EventDetail, Seal, Sealed
from .booking import Booking, Claim, Flag, Hold, IdempotencyKey, Request, Series, SkippedDate
from .feed import Feed
from .letter import Letter
from .message import Message, Thread
from .notice import Notice
from .people import Partner, Person, Project, ProjectPartner, RoleGrant, StandIn
from .resource import AreaApprover, Resource, ResourceApprover, ResourcePartner, ResourceTraining, Unit
from .rules import Charge, ResourceGroup, ResourceGroupMember, RuleSet, Waiver
from .site import Area, Closure, OpeningRow, Site
from .training import Training, TrainingPlace, TrainingRecord, TrainingSession, TrainingWish

__all__ = [
    "Acceptance",
    "Agreement",
    "AgreementArea",
    "AgreementResource",
    "Area",
    "AreaApprover",
    "Booking",
    "Charge",
    "Claim",
    "Closure",
    "Conditions",
    "Event",
    "EventDetail",
    "Feed",
    "Flag",
    "Hold",
    "IdempotencyKey",
    "Identity",
    "Invitation",
    "JoinRequest",
    "Letter",
    "Message",
    "Notice",
    "OneTimeLink",
    "OpeningRow",
    "Partner",
    "Person",
    "Project",
    "ProjectPartner",
    "RecoveryCode",
    "Request",
    "Resource",
    "ResourceApprover",
    "ResourceGroup",
    "ResourceGroupMember",
    "ResourcePartner",
    "ResourceTraining",
    "RoleGrant",
    "RuleSet",
    "Seal",
    "Sealed",
    "Series",
    "SignIn",
    "Site",
    "SkippedDate",
    "StandIn",
    "Thread",
    "Training",
    "TrainingPlace",
    "TrainingRecord",
    "TrainingSession",
    "TrainingWish",
    "Try",
    "Unit",
    "Waiver",
]
