"""Who may see what a route answers: one row for every method of every route. A route without one fails the house test.

The crawl takes from here whose keys to fill a route with, and what those get for whom it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from flask import Flask


class Who(StrEnum):
    """For whom an answer is. `lab` stands for the administrator and the auditor; each of their looks is recorded."""

    PUBLIC = "public"  # everybody, and it says the same to all
    TOKEN = "token"  # whoever has the secret link
    SIGNED_IN = "signed-in"  # everybody with an account, each through their own rights
    OWN = "own"  # the person whose it is
    SITE = "site"  # whoever may see the site, or the resource at it
    ALL = "all"  # the same, and everybody where the site says so
    PARTNER = "partner"  # the partner's people, those of its joint project, staff of the site, and the lab
    COORDINATOR = "coordinator"  # the partner's coordinator, staff of its sites, and the lab
    STAFF = "staff"  # staff and managers of the site
    MANAGER = "manager"  # managers of the site
    DUTY = "lab"  # administrator or auditor


_PART = re.compile(r"<(?:[^:>]+:)?([^>]+)>")

# Method, address, for whom, and of what kind each part of the address is.
TABLE = """
GET   /                              signed-in
GET   /static/<version>/<path:filename>  public  file file
GET   /healthz                       public
GET   /robots.txt                    public
GET   /style                         public
GET   /sign-in                       public
POST  /sign-in                       public
GET   /sign-in/openid                public
GET   /sign-in/openid/callback       public
GET   /forgot                        public
POST  /forgot                        public
GET   /reset/<token>                 token        link
POST  /reset/<token>                 token        link
GET   /sign-in/code                  public
POST  /sign-in/code                  public
POST  /sign-out                      public
POST  /language                      public

GET   /resources                     signed-in
GET   /find                          signed-in
GET   /now                           signed-in
GET   /now/mine.json                 signed-in
GET   /sw.js                         public
GET   /manifest.webmanifest          public
GET   /offline/<lang>                public       language
GET   /icons/<name>.png              public       icon
GET   /resources/<slug>/now          site         resource
POST  /resources/<slug>/now          site         resource
GET   /resources/<slug>              site         resource
GET   /resources/<slug>/free-busy.ifb all         resource
GET   /resources/<slug>/book         site         resource
POST  /resources/<slug>/book         site         resource
POST  /resources/<slug>/findings     site         resource
GET   /resources/<slug>/said         site         resource
GET   /resources/<slug>/terms        manager      resource
POST  /resources/<slug>/terms        manager      resource
GET   /resources/<slug>/links        manager      resource
POST  /resources/<slug>/links        manager      resource
POST  /resources/<slug>/links/remove manager      resource
GET   /resources/<slug>/room         staff        resource
POST  /resources/<slug>/room         staff        resource
GET   /resources/<slug>/units        manager      resource
POST  /resources/<slug>/units        manager      resource
GET   /sites/<site>/day              site         site
GET   /sites/<site>/week             site         site
GET   /day                              signed-in
GET   /sites/<site>/residencies      site         site
GET   /sites/<site>/settings         manager      site
POST  /sites/<site>/settings         manager      site
GET   /sites/<site>/reasons          staff        site
POST  /sites/<site>/reasons          staff        site
GET   /sites/<site>/reasons/<key>        staff    site reason
POST  /sites/<site>/reasons/<key>        staff    site reason
POST  /sites/<site>/reasons/<key>/remove staff    site reason
POST  /sites/<site>/reasons/<key>/first  staff    site reason
GET   /sites/<site>/signs            staff        site
POST  /sites/<site>/signs            staff        site
GET   /sites/<site>/signs/<key>          staff    site sign
POST  /sites/<site>/signs/<key>          staff    site sign
POST  /sites/<site>/signs/<key>/renew    staff    site sign
POST  /sites/<site>/signs/<key>/end      staff    site sign
POST  /sites/<site>/signs/<key>/again    staff    site sign
GET   /sites/<site>/labels           staff        site
GET   /sites/<site>/list             site         site
GET   /signs/<token>                 token        sign-token
GET   /sites/<site>/rules            staff        site
GET   /sites/<site>/rules/new        manager      site
POST  /sites/<site>/rules/new        manager      site
GET   /resources/<slug>/rules        site         resource
GET   /rules/<key>                   staff        rules
GET   /rules/<key>/edit              manager      rules
POST  /rules/<key>/edit              manager      rules
POST  /rules/<key>/switch            manager      rules
GET   /rules/<key>/limits/new        manager      rules
POST  /rules/<key>/limits/new        manager      rules
GET   /rules/<key>/limits/<limit_id>         staff        rules limit
POST  /rules/<key>/limits/<limit_id>         manager      rules limit
POST  /rules/<key>/limits/<limit_id>/remove  manager      rules limit
GET   /sites/<site>/groups           manager      site
POST  /sites/<site>/groups           manager      site
GET   /sites/<site>/groups/<slug>    manager      site group
POST  /sites/<site>/groups/<slug>    manager      site group

GET   /bookings                      signed-in
GET   /allowances                    own
GET   /bookings/<key>.ics            partner      booking
POST  /bookings/<key>/cancel         partner      booking
GET   /bookings/<key>/move           partner      booking
POST  /bookings/<key>/move           partner      booking
POST  /bookings/<key>/findings       partner      booking
GET   /bookings/<key>/said           partner      booking
GET   /bookings/<key>/renew          partner      booking
POST  /bookings/<key>/renew          partner      booking
POST  /bookings/<key>/renew/findings partner      booking
GET   /bookings/<key>/end            partner      booking
POST  /bookings/<key>/end            partner      booking
POST  /bookings/<key>/end/findings   partner      booking
POST  /bookings/<key>/change/approve    partner   booking
POST  /proposals/<key>/accept           partner   booking
POST  /proposals/<key>/refuse           partner   booking
POST  /proposals/<key>/take-back        partner   booking
POST  /bookings/<key>/change/decline    partner   booking
POST  /bookings/<key>/change/withdraw   partner   booking
GET   /bookings/<key>/hand-over      partner      booking
POST  /bookings/<key>/hand-over      partner      booking
POST  /bookings/<key>/check-in       partner      booking
GET   /series/<key>                  partner      series
GET   /series/<key>/change           partner      series
POST  /series/<key>/change           partner      series
GET   /series/<key>/end              partner      series
POST  /series/<key>/end              partner      series
POST  /series/<key>/retry            partner      series
GET   /requests/<key>                partner      request
POST  /requests/<key>/approve        partner      request
POST  /requests/<key>/clear          partner      request
GET   /requests/<key>/propose           partner   request
POST  /requests/<key>/propose           partner   request
POST  /requests/<key>/approve-changed   partner   request
POST  /requests/<key>/undo              partner   request
POST  /requests/<key>/assign            partner   request
POST  /requests/<key>/decline        partner      request
POST  /requests/<key>/withdraw       partner      request
POST  /bookings/<key>/wait           own          booking
POST  /requests/<key>/ask            partner      request
POST  /requests/<key>/answer         partner      request
GET   /requests/<key>/files/<file>   partner      request attachment
GET   /inbox                         staff
POST  /inbox/decide                  staff

GET   /sites/<site>/closures         staff        site
GET   /sites/<site>/closures/new     staff        site
POST  /sites/<site>/closures/new     staff        site
GET   /sites/<site>/closures/import  staff        site
POST  /sites/<site>/closures/import  staff        site
POST  /sites/<site>/closures/import/close  staff  site
GET   /sites/<site>/faults/new       staff        site
POST  /sites/<site>/faults/new       staff        site
GET   /sites/<site>/holidays         staff        site
POST  /sites/<site>/holidays         staff        site
GET   /closures/<key>                staff        closure
POST  /closures/<key>                staff        closure
POST  /closures/<key>/lift           staff        closure
GET   /closures/<key>/change         staff        closure
POST  /closures/<key>/change         staff        closure

GET   /flags                         staff
POST  /flags                         staff

GET   /waiting                       signed-in
GET   /waiting/new                   signed-in
POST  /waiting/new                   signed-in
POST  /waiting/<key>/leave           own          wait
POST  /offers/<key>/accept           own          offer
POST  /offers/<key>/refuse           own          offer

GET   /agreements                    coordinator
GET   /agreements/<key>              coordinator  agreement
GET   /agreements/<key>/change       manager      agreement
POST  /agreements/<key>/change       manager      agreement
POST  /agreements/<key>/end          manager      agreement
GET   /sites/<site>/agreements/new   manager      site
POST  /sites/<site>/agreements/new   manager      site
GET   /conditions/<site>             site         site
POST  /conditions/<site>             site         site
GET   /sites/<site>/conditions       staff        site
POST  /sites/<site>/conditions       manager      site

GET   /people                        coordinator
GET   /people/<key>                  coordinator  person
GET   /people/<key>/card             coordinator  person
POST  /people/<key>/remove           coordinator  person
POST  /people/<key>/roles            manager      person
POST  /people/<key>/roles/end        coordinator  person
GET   /people/partners/<key>         coordinator  partner
POST  /people/partners/<key>/invite  coordinator  partner
GET   /people/sites/<site>           staff        site
POST  /people/sites/<site>/invite    manager      site
GET   /sites/<site>/approvers        staff        site
POST  /sites/<site>/approvers        manager      site
POST  /sites/<site>/approvers/remove manager      site
POST  /sites/<site>/stand-ins        staff        site
POST  /stand-ins/<key>/end           staff        stand-in
POST  /invitations/<key>/resend      coordinator  invitation
POST  /invitations/<key>/revoke      coordinator  invitation
GET   /invitations/<token>           token        link
POST  /invitations/<token>           token        link
GET   /join                          public
POST  /join                          public
GET   /join/sent                     public
GET   /joining                       coordinator
POST  /joining/<key>/accept          coordinator  joining
POST  /joining/<key>/assign          staff        joining
POST  /joining/<key>/decline         coordinator  joining
GET   /welcome                       signed-in
GET   /people/<key>/erase            lab          person
POST  /people/<key>/erase            lab          person
POST  /people/<key>/close            lab          person
POST  /people/<key>/reopen           lab          person
POST  /people/<key>/remove-factor    lab          person

GET   /account                       signed-in
GET   /account/data                  signed-in
GET   /account/data/labbook.ics      signed-in
GET   /account/data/labbook.json     signed-in
GET   /account/factor                signed-in
POST  /account/factor                signed-in
POST  /account/factor/codes          signed-in
POST  /account/factor/remove         signed-in
GET   /account/letters               signed-in
POST  /account/letters               signed-in
POST  /account/password              signed-in
POST  /account/reading               signed-in
POST  /account/clock                 signed-in
POST  /account/sessions/<key>/end    own          sign-in
POST  /account/sessions/end-others   signed-in

GET   /letters                       lab
GET   /letters/undelivered           staff
GET   /letters/<key>                 lab          letter
POST  /letters/<key>/again           staff        letter

GET   /card                              signed-in
GET   /trainings                         signed-in
GET   /trainings/<slug>                  site       training
POST  /trainings/<slug>/ask              site       training
GET   /training-sessions/<key>           staff      session
POST  /training-sessions/<key>/cancel    staff      session
POST  /training-sessions/<key>/sign-off  staff      session
POST  /training-sessions/<key>/take      site       session
POST  /training-sessions/<key>/give-back site       session
GET   /sites/<site>/trainings            staff      site
POST  /sites/<site>/trainings/grant      staff      site
POST  /sites/<site>/trainings/revoke     staff      site
GET   /sites/<site>/trainings/import     manager    site
POST  /sites/<site>/trainings/import     manager    site
GET   /sites/<site>/trainings/schedule   staff      site
POST  /sites/<site>/trainings/schedule   staff      site

GET   /messages                      signed-in
GET   /messages/new                  signed-in
POST  /messages/new                  signed-in
GET   /messages/<key>                own          thread
POST  /messages/<key>/answer         own          thread
POST  /messages/<key>/name           own          thread
POST  /messages/<key>/read           own          thread
POST  /messages/<key>/close          own          thread

GET   /preview                       staff
POST  /preview                       staff
POST  /preview/end                   signed-in
GET   /policy                                 staff
GET   /trail                                  lab
GET   /trail/export.csv                       lab
GET   /trail/export.jsonl                     lab
GET   /trail/ours                             coordinator
GET   /trail/partner/<key>                    coordinator  partner
GET   /trail/partner/<key>/export.csv         lab          partner
GET   /trail/partner/<key>/export.jsonl       lab          partner

GET   /feeds                         signed-in
POST  /feeds                         signed-in
POST  /favourites/<slug>             site         resource
POST  /favourites/<slug>/remove      site         resource
POST  /feeds/<key>/revoke            own          feed
POST  /feeds/<key>/rotate            own          feed
GET   /feeds/<token>/<name>.ics      token        feed-token name
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    method: str
    rule: str
    who: Who
    kinds: tuple[str, ...]


def _rows() -> Iterator[Row]:
    for line in filter(None, map(str.split, TABLE.splitlines())):
        method, rule, who, *kinds = line
        yield Row(method, rule, Who(who), tuple(kinds))


ROWS = list(_rows())
ROUTES = {(row.method, row.rule): row for row in ROWS}


def routes_of(app: Flask) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """What the application answers: method, rule, endpoint, and the names of the rule's parts in their order."""
    for rule in app.url_map.iter_rules():
        names = tuple(_PART.findall(rule.rule))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule, rule.endpoint, names
