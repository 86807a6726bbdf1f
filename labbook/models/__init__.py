"""The tables, shared by all slices."""

from .access import Identity, Invitation, JoinRequest, OneTimeLink, RecoveryCode, SignIn, Try
from .agreement import Acceptance, Agreement, AgreementArea, AgreementResource, Conditions
from .audit import Event, EventDetail, Seal, Sealed
from .booking import Booking, Claim, Clearance, Flag, Hold, IdempotencyKey, PendingChange, Request
from .desk import Attachment, AttachmentContent, CannedReason, Remark
from .feed import BookingText, Feed, FormerLink, SeriesText
from .letter import Invited, Letter, LetterChoice
from .message import Message, Thread
from .notice import Notice
from .people import Partner, Person, Project, ProjectPartner, RoleGrant, StandIn
from .resource import AreaApprover, Resource, ResourceApprover, ResourceLink, ResourcePartner, ResourceTraining, Unit
from .rules import Charge, ResourceGroup, ResourceGroupMember, RuleSet, Waiver
from .screens import Favourite, Sign
from .series import Series, SkippedDate
from .site import Area, Closure, OpeningRow, Site
from .training import Training, TrainingPlace, TrainingRecord, TrainingSession, TrainingWish
from .waiting import Offer, Wait

__all__ = [
    "Acceptance",
    "Agreement",
    "AgreementArea",
    "AgreementResource",
    "Area",
    "AreaApprover",
    "Attachment",
    "AttachmentContent",
    "Booking",
    "BookingText",
    "CannedReason",
    "Charge",
    "Claim",
    "Clearance",
    "Closure",
    "Conditions",
    "Event",
    "EventDetail",
    "Favourite",
    "Feed",
    "Flag",
    "FormerLink",
    "Hold",
    "IdempotencyKey",
    "Identity",
    "Invitation",
    "Invited",
    "JoinRequest",
    "Letter",
    "LetterChoice",
    "Message",
    "Notice",
    "Offer",
    "OneTimeLink",
    "OpeningRow",
    "Partner",
    "PendingChange",
    "Person",
    "Project",
    "ProjectPartner",
    "RecoveryCode",
    "Remark",
    "Request",
    "Resource",
    "ResourceApprover",
    "ResourceGroup",
    "ResourceGroupMember",
    "ResourceLink",
    "ResourcePartner",
    "ResourceTraining",
    "RoleGrant",
    "RuleSet",
    "Seal",
    "Sealed",
    "Series",
    "SeriesText",
    "Sign",
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
    "Wait",
    "Waiver",
]
