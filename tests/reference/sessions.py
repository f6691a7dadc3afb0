"""From evidence to the facts of each session: key, start, proofs of life, end, reason (rulings R1–R18, R22–R24)."""

from collections import defaultdict
from dataclasses import dataclass, field

from instants import DAY, HOUR, MINUTE, SECOND
from snapshots import DEFAULT_IDLE, RUN_SHELL
from texts import stream_ends_in_exit

_STRONGEST = {"A": 0, "B": 1, "C": 2}
_TYPE_OF_DOCUMENT = {
    RUN_SHELL: "shell",
    "AWS-StartInteractiveCommand": "command",
    "AWS-StartNonInteractiveCommand": "command",
    "AWS-StartSSHSession": "ssh",
}
_TYPE_OF_SESSION_TYPE = {
    "Standard_Stream": "shell",
    "InteractiveCommands": "command",
    "NonInteractiveCommands": "command",
    "Port": "port",
}


@dataclass
class Bundle:
    """All evidence of one (account, region, session id)."""

    calls: list = field(default_factory=list)
    listings: list = field(default_factory=list)
    streams: list = field(default_factory=list)
    texts: list = field(default_factory=list)


def bundles(heap):
    """R1: evidence by (account, region, session id); what has no key of its own joins keyed evidence."""
    found, keyless = defaultdict(Bundle), []
    for kind, pieces in (
        ("calls", heap.calls.values()), ("listings", heap.listings()), ("streams", heap.streams), ("texts", heap.texts)
    ):
        for piece in pieces:
            place = (getattr(piece, "account", None), getattr(piece, "region", None))
            if None in place:
                keyless.append((kind, piece))
            else:
                getattr(found[(*place, piece.session_id)], kind).append(piece)
    places = defaultdict(set)
    for account, region, session_id in list(found):
        places[session_id].add((account, region))
    configured = {source.name: (source.account, source.region) for source in heap.sources}
    for kind, piece in keyless:
        known = places[piece.session_id]
        if len(known) == 1:
            (place,) = known
        else:
            names = sorted(getattr(piece, "sources", ())) or [None]
            place = configured.get(names[0], (None, None))
        getattr(found[(*place, piece.session_id)], kind).append(piece)
    return found


@dataclass
class Facts:
    """What is known of a session whatever the policy says. Instants and spans in microseconds."""

    session_id: str
    account: str | None
    region: str | None
    attributes: dict
    resumes: int = 0
    started_at: int | None = None
    start_method: str | None = None
    ended_at: int | None = None
    end_method: str | None = None
    ended_after: int | None = None
    ended_before: int | None = None
    inferred: bool | None = None
    evidence_tier: str | None = None  # of ended_at
    after_tier: str | None = None  # of ended_after
    proofs: list = field(default_factory=list)  # R8: (instant, tier)
    status: str = "open"
    reason: tuple = ("unknown", "unknown")
    activity: list = field(default_factory=list)
    transcript: str = "unknown"
    ghost: bool = False
    touched_near_end: bool = False  # R31: a stamp, upload or streaming event within 300 s of the end

    @property
    def end(self):
        """e: `ended_at`, else `ended_after`."""
        return self.ended_at if self.ended_at is not None else self.ended_after

    @property
    def duration(self):
        known = self.ended_at is not None and self.started_at is not None
        return self.ended_at - self.started_at if known else None


def newest(listings):
    """The newest listing; of one time, History over Active."""
    return max(listings, key=lambda listing: (listing.observed, listing.history), default=None)


class Reconstruction:
    """One session at `as_of`."""

    def __init__(self, key, bundle, observations, source_times, as_of):
        self.account, self.region, self.session_id = key
        self.place = (self.account, self.region)
        self.observations, self.as_of, self.source_times = observations, as_of, source_times
        by_now = lambda time: time is not None and time <= as_of
        calls = sorted((c for c in bundle.calls if by_now(c.time)), key=lambda c: (c.time, c.event_id))
        self.starts = [c for c in calls if c.kind == "start"]
        self.resumes = [c for c in calls if c.kind == "resume"]
        self.terminates = [c for c in calls if c.kind == "terminate"]
        self.listings = bundle.listings
        self.observed = [l for l in bundle.listings if by_now(l.observed)]
        # R3: a listing's date is its StartDate; one without is dated by its observation.
        self.telling = [l for l in bundle.listings if by_now(l.observed if l.start is None else l.start)]
        self.seen_streams = sorted((s for s in bundle.streams if by_now(s.dated)), key=lambda s: (s.dated, s.message))
        self.streams = [s for s in self.seen_streams if s.usable]
        self.texts = bundle.texts
        self.seen_texts = sorted((t for t in bundle.texts if by_now(t.dated)), key=lambda t: t.dated)
        self.uploads = [t for t in self.seen_texts if t.usable]
        started = [t.started for t in bundle.texts if by_now(t.started)]
        done = [t.done for t in bundle.texts if by_now(t.done)]
        self.stamps = started or done

    def exists(self):
        """Whether any fact is dated at or before `as_of`."""
        dated = (self.starts, self.resumes, self.terminates, self.observed, self.telling)
        ends = any(l.end is not None and l.end <= self.as_of for l in self.listings)
        return any(dated) or bool(self.seen_streams or self.seen_texts or self.stamps) or ends

    # ---- attributes -------------------------------------------------------------------------------------------

    def attributes(self):
        """R3: the earliest start call, the newest listing, the earliest text header or streaming event; each that has it."""
        by_age = lambda listings: sorted(listings, key=lambda l: (l.observed, l.history), reverse=True)
        listings, statuses = by_age(self.telling), by_age(self.observed)
        nodes = [(s.dated, s.target) for s in self.seen_streams] + [(t.dated, t.target) for t in self.seen_texts]
        targets = [target for _, target in sorted(node for node in nodes if node[1])]
        first = lambda *values: next((v for v in values if v is not None), None)
        of = lambda pieces, name: first(*(getattr(piece, name) for piece in pieces))
        stream_arn = min(((s.time, s.arn) for s in self.streams if s.arn), default=(0, None))[1]
        found = {
            "target_id": first(of(self.starts, "target"), of(listings, "target"), *targets[:1]),
            "document_name": first(of(self.starts, "document"), of(listings, "document")),
            "principal_arn": first(of(self.starts, "arn"), of(listings, "owner"), stream_arn),
            "reason": first(of(self.starts, "reason"), of(listings, "reason")),
            "source_ip": of(self.starts, "source_ip"),
            "mfa": of(self.starts, "mfa"),
            "access_type": of(listings, "access_type"),
            "service_status": of(statuses, "status"),
            "run_as_user": min(((s.time, s.run_as) for s in self.streams if s.run_as), default=(0, None))[1],
        }
        found["session_type"] = self._session_type(found["target_id"], found["document_name"])
        return found

    def _session_type(self, target, document):
        """R4."""
        if any(call.ecs for call in self.starts) or (target or "").startswith("ecs:"):
            return "ecs"
        if document in _TYPE_OF_DOCUMENT:
            return _TYPE_OF_DOCUMENT[document]
        if document is not None:
            if document.startswith("AWS-StartPortForwardingSession"):
                return "port"
            kind = self.observations.session_type_of(self.place, document)
            if kind in _TYPE_OF_SESSION_TYPE:
                return _TYPE_OF_SESSION_TYPE[kind]
        return "shell" if self.seen_streams else "unknown"

    # ---- start and proofs of life -----------------------------------------------------------------------------

    def start(self):
        """R7: (instant, method, tier of evidence)."""
        dated = newest([l for l in self.listings if l.start is not None and l.start <= self.as_of])
        if dated:
            return dated.start, "history", "B"
        if self.starts:
            return self.starts[0].time, "start_call", "A"
        if self.streams:
            return self.streams[0].time, "stream", "C"
        return None, None, None

    def last_proof(self, start, start_tier):
        """R8 and R16: (instant, tier of evidence) of the latest proof of life; of equal ones the strongest."""
        proofs = [(start, start_tier)] if start is not None else []
        proofs += [(call.time, "A") for call in self.resumes]
        proofs += [(l.observed, "B") for l in self.observed if not l.history and l.status in ("Connected", "Connecting")]
        proofs += [(event.time - 120 * SECOND, "C") for event in self.streams]
        self.proofs = proofs
        return max(proofs, key=lambda proof: (proof[0], -_STRONGEST[proof[1]]), default=(None, None))

    # ---- the end ----------------------------------------------------------------------------------------------

    def newest_complete_active(self):
        complete = [s for s in self.observations.of(self.place) if s.active_complete]
        return complete[-1] if complete else None

    def named_by_newest(self):
        """R11: some Active listing names it and no newer complete one of its place exists."""
        naming = [l.observed for l in self.observed if not l.history]
        complete = self.newest_complete_active()
        return bool(naming) and (complete is None or complete.time <= max(naming))

    def preferences(self, moment):
        return self.observations.preferences_at(self.place, moment)

    def idle(self, moment):
        """R10: 20 minutes without an observation."""
        preferences = self.preferences(moment)
        return preferences.idle if preferences else DEFAULT_IDLE

    def settle_end(self, facts, proof, proof_tier):
        """SPEC §5 `The end of a session`: the first candidate that stands, and the bounds."""
        def settle(at, method, tier, after, before, inferred, after_tier):
            facts.ended_at, facts.end_method, facts.evidence_tier = at, method, tier
            facts.ended_after, facts.ended_before, facts.inferred = after, before, inferred
            facts.after_tier = after_tier

        stands = lambda time: proof is None or time >= proof
        dated = newest([l for l in self.listings if l.end is not None and l.end <= self.as_of])
        if dated:
            return settle(dated.end, "history", "B", dated.end, dated.end, False, "B")
        terminate = next((c for c in self.terminates if stands(c.time)), None)
        marks = self.stamps + [t.upload for t in self.uploads]
        if terminate and not any(mark < terminate.time - 300 * SECOND for mark in marks):
            facts.reason = self._terminated(terminate, facts)
            return settle(terminate.time, "terminate_call", "A", terminate.time, terminate.time, False, "A")
        if self.stamps and stands(min(self.stamps)):
            stamp = min(self.stamps)
            early = stamp - 120 * SECOND
            after, tier = (early, "C") if proof is None or early > proof else (proof, proof_tier)
            return settle(stamp, "transcript", "C", after, stamp, False, tier)
        if self.uploads and stands(self.uploads[0].upload):
            upload = self.uploads[0].upload
            vouched = any(t.is_object for t in self.uploads if t.upload == upload)
            return settle(upload, "upload", "B" if vouched else "C", proof, upload, False, proof_tier)
        if self.streams:
            last = self.streams[-1]
            limit = last.time + self.idle(last.time) + 60 * SECOND
            complete = self.newest_complete_active()
            named = complete is not None and self.session_id in complete.active_names
            outlived = proof is not None and last.time < proof  # R10: an end before the last proof of life is none
            sources = {name for event in self.streams if event.time == last.time for name in event.sources}
            if self._newest_of(sources) > limit and not named and not outlived:
                return settle(last.time, "stream", "C", proof, limit, True, proof_tier)
        facts.ended_after, facts.after_tier = proof, proof_tier
        if proof is not None and not self.named_by_newest():
            facts.ended_before, facts.inferred = self._unseen_end(facts, proof)

    def _newest_of(self, names):
        """R10: the latest event time of the sources that hold the last streaming event, by `as_of`."""
        return max(time for name in names for time in self.source_times[name] if time <= self.as_of)

    def _unseen_end(self, facts, proof):
        """`ended_before` and whether it is inferred, where no candidate stands (R12)."""
        for snapshot in self.observations.of(self.place):
            if snapshot.active_complete and snapshot.time > proof and self.session_id not in snapshot.active_names:
                return snapshot.time, False
        if facts.started_at is None:
            return None, None
        bounds = [facts.started_at + 30 * DAY]
        preferences = self.preferences(facts.started_at)
        if preferences and preferences.maximum is not None:
            bounds.append(facts.started_at + preferences.maximum + 60 * SECOND)
        bounds = [bound for bound in bounds if bound >= proof]
        return (min(bounds), True) if bounds else (None, None)

    # ---- status, reason, transcript, ghost --------------------------------------------------------------------

    def status(self, facts):
        """R13."""
        if facts.attributes["service_status"] == "Failed":
            return "failed"
        if facts.ended_at is not None:
            return "ended"
        if self.named_by_newest():
            return "open"
        return "lost" if facts.ended_before is not None and facts.ended_before <= self.as_of else "open"

    def _terminated(self, call, facts):
        owner = call.arn is not None and call.arn == facts.attributes["principal_arn"]
        return ("terminated_by_owner" if owner else "terminated_by_other", "proven")

    def end_reason(self, facts):
        """R15."""
        if facts.ended_at is None:
            return "unknown", "unknown"
        if facts.end_method == "terminate_call":
            return facts.reason
        if facts.end_method == "history":
            near = [c for c in self.terminates if abs(c.time - facts.ended_at) <= 60 * SECOND]
            if near:
                return self._terminated(min(near, key=lambda c: (abs(c.time - facts.ended_at), c.time)), facts)
        if any(t.ends_in_exit for t in self.seen_texts if t.dated == self.seen_texts[-1].dated) or self._stream_exit():
            return "exit", "inferred"
        maximum = self._maximum(facts)
        if facts.duration is not None and maximum is not None and abs(facts.duration - maximum) <= 60 * SECOND:
            return "max_duration", "inferred"
        if self.streams:
            idle = self.idle(self.streams[-1].time)
            if idle <= facts.ended_at - self.streams[-1].time <= idle + 60 * SECOND:
                return "idle_timeout", "inferred"
        return "unknown", "unknown"

    def _stream_exit(self):
        return any(stream_ends_in_exit(event.lines) for event in self.streams if event.time == self.streams[-1].time)

    def _maximum(self, facts):
        """R15 (3): the listing's own maximum, else that of the preferences at the start."""
        listing = newest([l for l in self.telling if l.max_minutes is not None])
        if listing:
            return listing.max_minutes * MINUTE
        preferences = self.preferences(facts.started_at)
        return preferences.maximum if preferences else None

    def transcript(self, facts):
        """R24."""
        if self.seen_streams or self.seen_texts:
            return "present"
        if facts.attributes["session_type"] in ("port", "ssh"):
            return "not_loggable"
        if facts.attributes["session_type"] == "ecs":
            return "unknown"
        preferences = self._rules_logging(facts)
        if preferences is None:
            return "unknown"
        if not preferences.logs_somewhere:
            return "not_expected"
        overdue = facts.ended_before is not None and facts.ended_before + HOUR <= self.as_of
        return "missing" if overdue else "unknown"

    def _rules_logging(self, facts):
        """R24: the session's own document, where a snapshot shows it; else the preferences."""
        document = facts.attributes["document_name"]
        if document is not None and document != "SSM-SessionManagerRunShell" and facts.started_at is not None:
            own = self.observations.document_at(self.place, document, facts.started_at)
            if own is not None:
                return own
        return self.preferences(facts.started_at)

    def ghost(self):
        """R22."""
        active = [l for l in self.observed if not l.history]
        if not active:
            return False
        last = max(active, key=lambda l: l.observed)
        later = [s.time for s in self.streams] + [c.time for c in self.resumes]
        return last.status == "Disconnected" and not any(time > last.observed for time in later)

    def facts(self):
        facts = Facts(self.session_id, self.account, self.region, self.attributes(), resumes=len(self.resumes))
        facts.started_at, facts.start_method, start_tier = self.start()
        proof, proof_tier = self.last_proof(facts.started_at, start_tier)
        facts.proofs = self.proofs
        self.settle_end(facts, proof, proof_tier)
        facts.status = self.status(facts)
        facts.reason = self.end_reason(facts)
        facts.activity = [event.time for event in self.streams]
        facts.transcript = self.transcript(facts)
        facts.ghost = self.ghost()
        if facts.ended_at is not None:
            marks = self.stamps + [t.upload for t in self.uploads] + facts.activity
            facts.touched_near_end = any(abs(mark - facts.ended_at) <= 300 * SECOND for mark in marks)
        return facts


def reconstruct(heap, observations, as_of):
    """The facts of every session that exists at `as_of`."""
    source_times = {source.name: source.times for source in heap.sources}
    found = []
    for key, bundle in bundles(heap).items():
        session = Reconstruction(key, bundle, observations, source_times, as_of)
        if session.exists():
            found.append(session.facts())
    return found
