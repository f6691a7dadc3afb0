"""The pieces of evidence, and the heap of them that the readers fill."""

import re
from dataclasses import dataclass, field

SESSION_ID = re.compile(r"[\w+=,.@-]+-(0[0-9a-f]{16}|[a-z0-9]{26})")


def filled(value):
    """A text that is not empty, else None (R3: empty strings are null)."""
    return value if isinstance(value, str) and value != "" else None


def document_name(value):
    """R3: a document that is named by its ARN has the name that stands in it."""
    value = filled(value)
    if value and value.startswith("arn:") and ":document/" in value:
        return value.split(":document/", 1)[1] or None
    return value


@dataclass(frozen=True)
class Call:
    """An accepted StartSession, ExecuteCommand, ResumeSession or TerminateSession (R2)."""

    kind: str  # start | resume | terminate
    time: int
    event_id: str
    session_id: str
    account: str | None
    region: str | None
    arn: str | None = None
    ecs: bool = False
    target: str | None = None
    document: str | None = None
    reason: str | None = None
    source_ip: str | None = None
    mfa: bool | None = None


@dataclass(frozen=True)
class Listing:
    """One session in one DescribeSessions answer."""

    observed: int
    history: bool
    account: str
    region: str
    session_id: str
    status: str | None
    start: int | None
    end: int | None
    target: str | None
    document: str | None
    owner: str | None
    reason: str | None
    access_type: str | None
    max_minutes: int | None


@dataclass(frozen=True)
class Stream:
    """A streaming event. `usable` is R6; one that is not is dated by when AWS received it."""

    time: int
    usable: bool
    dated: int
    sources: frozenset
    session_id: str
    account: str | None
    region: str | None
    arn: str | None
    target: str | None
    run_as: str | None
    lines: tuple
    message: str


@dataclass(frozen=True)
class Text:
    """A transcript object (`is_object`) or an upload-at-end event."""

    upload: int
    usable: bool
    dated: int
    is_object: bool
    sources: frozenset
    session_id: str
    started: int | None
    done: int | None
    target: str | None
    ends_in_exit: bool


@dataclass
class Source:
    """A configured source and the times it holds (R31)."""

    name: str
    kind: str
    path: object
    account: str | None
    region: str | None
    times: list = field(default_factory=list)


@dataclass
class Heap:
    """All evidence of all sources, in no order."""

    sources: list
    calls: dict = field(default_factory=dict)  # by CloudTrail eventID (R5)
    streams: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    snapshots: dict = field(default_factory=dict)  # (account, region) -> {time: Snapshot}
    vouched: list = field(default_factory=list)  # times that AWS vouches for (R32)

    def listings(self):
        for moments in self.snapshots.values():
            for snapshot in moments.values():
                yield from snapshot.listings

    def default_as_of(self):
        """R32: what AWS vouches for, else the newest event."""
        if self.vouched:
            return max(self.vouched)
        return max((time for source in self.sources for time in source.times), default=None)

