"""Kind `account`: folders `<account>/<region>/<YYYYMMDDTHHMMSSZ>/` of AWS CLI answers (SPEC §3, R10, R29)."""

import re
from dataclasses import dataclass, field

from evidence import Listing, document_name, filled
from files import parse_json, read_json_object, walk
from instants import MINUTE, parse_api_date, parse_compact

RUN_SHELL = "SSM-SessionManagerRunShell"
DEFAULT_IDLE = 20 * MINUTE
_ANSWERS = {
    "describe-sessions-active.json", "describe-sessions-history.json", "describe-instances.json",
    "describe-instance-information.json", "list-documents.json", "describe-log-groups.json",
}
_ANSWERS_ABOUT = (
    "get-document-", "describe-document-", "get-bucket-versioning-", "get-bucket-encryption-",
    "get-object-lock-configuration-",
)
_GET_DOCUMENT = re.compile(r"get-document-(.+)-(\d+)\.json", re.ASCII)


@dataclass(frozen=True)
class Preferences:
    """One version of the preferences document. Limits in microseconds; `templated` where one is no whole number."""

    maximum: int | None
    idle: int
    templated: bool
    logs_somewhere: bool


@dataclass
class Snapshot:
    """One account and region at one time. None means: not assessed."""

    account: str
    region: str
    time: int
    listings: list = field(default_factory=list)
    active_complete: bool = False
    active_names: frozenset = frozenset()
    instances: dict | None = None  # id -> (state, tags)
    instances_complete: bool = False
    nodes: dict | None = None  # id -> PingStatus
    nodes_complete: bool = False
    documents: dict = field(default_factory=dict)  # name -> {version: content}
    described_default: dict = field(default_factory=dict)  # name -> version text
    listed: frozenset | None = None  # names in a complete list
    listed_default: dict = field(default_factory=dict)  # the same of any list

    def newest(self, name):
        """The newest version's content of a Session document, or None."""
        versions = self.documents.get(name)
        return versions[max(versions)] if versions else None

    def preferences(self):
        """R10: the newest version; a complete list without the document: the defaults; else None."""
        content = self.newest(RUN_SHELL)
        if content is not None:
            return preferences_of(content)
        if self.listed is not None and RUN_SHELL not in self.listed:
            return Preferences(None, DEFAULT_IDLE, False, False)
        return None

    def preferences_in_force(self):
        """R29: the newest and, where it differs, the default version; None: not assessed."""
        newest = self.preferences()
        if newest is None:
            return None
        versions = self.documents.get(RUN_SHELL)
        if not versions:
            return [newest]
        default = self.described_default.get(RUN_SHELL) or self.listed_default.get(RUN_SHELL)
        if default is None or default == str(max(versions)):
            return [newest]
        if not default.isdecimal() or int(default) not in versions:
            return None
        return [newest, preferences_of(versions[int(default)])]


def whole_number(value):
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d+", value, re.ASCII) else None


def preferences_of(content):
    inputs = content.get("inputs")
    inputs = inputs if isinstance(inputs, dict) else {}
    limits, templated = {}, False
    for name in ("maxSessionDuration", "idleSessionTimeout"):
        value = inputs.get(name)
        number = whole_number(value)
        templated = templated or (number is None and value not in (None, ""))
        limits[name] = None if number is None else number * MINUTE
    idle = limits["idleSessionTimeout"]
    return Preferences(
        maximum=limits["maxSessionDuration"],
        idle=DEFAULT_IDLE if idle is None else idle,
        templated=templated,
        logs_somewhere=bool(filled(inputs.get("s3BucketName")) or filled(inputs.get("cloudWatchLogGroupName"))),
    )


def is_complete(answer):
    return not answer.get("NextToken")


def all_named(entries, name):
    """R11: whether every entry of a list is an object that names something; whom another one names is not known."""
    return all(isinstance(entry, dict) and filled(entry.get(name)) for entry in entries)


def objects_in(answer, key):
    """The list of objects under a key; None where the answer has none."""
    values = answer.get(key) if answer else None
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else None


def read_listing(snapshot, answer, history):
    sessions = objects_in(answer, "Sessions")
    if sessions is None:
        return
    for session in sessions:
        if not filled(session.get("SessionId")):
            continue
        snapshot.listings.append(
            Listing(
                observed=snapshot.time, history=history, account=snapshot.account, region=snapshot.region,
                session_id=session["SessionId"], status=filled(session.get("Status")),
                start=parse_api_date(session.get("StartDate")), end=parse_api_date(session.get("EndDate")),
                target=filled(session.get("Target")), document=document_name(session.get("DocumentName")),
                owner=filled(session.get("Owner")), reason=filled(session.get("Reason")),
                access_type=filled(session.get("AccessType")),
                max_minutes=whole_number(session.get("MaxSessionDuration")),
            )
        )
    if not history:
        snapshot.active_complete = is_complete(answer) and all_named(answer["Sessions"], "SessionId")
        snapshot.active_names = frozenset(s["SessionId"] for s in sessions if filled(s.get("SessionId")))


def read_instances(snapshot, answer):
    reservations = objects_in(answer, "Reservations")
    if reservations is None:
        return
    lists = [r.get("Instances") if isinstance(r, dict) else None for r in answer["Reservations"]]
    whole = all(isinstance(entries, list) and all_named(entries, "InstanceId") for entries in lists)
    snapshot.instances, snapshot.instances_complete = {}, is_complete(answer) and whole
    for instance in (i for r in reservations for i in objects_in(r, "Instances") or []):
        if filled(instance.get("InstanceId")):
            state = instance.get("State")
            tags = [(t.get("Key"), t.get("Value")) for t in objects_in(instance, "Tags") or []]
            tags = [(k, v) for k, v in tags if isinstance(k, str) and isinstance(v, str)]
            tags = {k: v for k, v in tags if [key for key, _ in tags].count(k) == 1}
            snapshot.instances[instance["InstanceId"]] = (state.get("Name") if isinstance(state, dict) else None, tags)


def read_documents(snapshot, name, answer):
    found = _GET_DOCUMENT.fullmatch(name)
    if found:
        content = answer.get("Content")
        content = parse_json(content) if isinstance(content, str) else content
        if isinstance(content, dict):
            snapshot.documents.setdefault(found.group(1), {})[int(found.group(2))] = content
    elif name.startswith("describe-document-"):
        document = answer.get("Document")
        default = filled(document.get("DefaultVersion")) if isinstance(document, dict) else None
        if default:
            snapshot.described_default[name[len("describe-document-"): -len(".json")]] = default
    elif name == "list-documents.json":
        entries = objects_in(answer, "DocumentIdentifiers")
        if entries is not None:
            names = {e.get("Name"): filled(e.get("DefaultVersion")) for e in entries}
            snapshot.listed_default = names
            whole = is_complete(answer) and all_named(answer["DocumentIdentifiers"], "Name")
            snapshot.listed = frozenset(names) if whole else None


def read_account(source, heap):
    """Fills the heap with snapshots; every folder's time is vouched for by AWS (R32)."""
    for path in walk(source.path):
        folders = path.relative_to(source.path).parts[:-1]
        time = parse_compact(folders[-1]) if len(folders) >= 3 and len(folders[-1]) == 16 else None
        if time is None or not path.name.endswith(".json"):
            continue
        heap.vouched.append(time)
        if not (path.name in _ANSWERS or path.name.startswith(_ANSWERS_ABOUT)):
            continue
        account, region = folders[-3], folders[-2]
        moments = heap.snapshots.setdefault((account, region), {})
        if time not in moments:
            moments[time] = Snapshot(account, region, time)
        source.times.append(time)
        snapshot, answer = moments[time], read_json_object(path)
        if answer is None:
            continue
        if path.name == "describe-sessions-active.json":
            read_listing(snapshot, answer, history=False)
        elif path.name == "describe-sessions-history.json":
            read_listing(snapshot, answer, history=True)
        elif path.name == "describe-instances.json":
            read_instances(snapshot, answer)
        elif path.name == "describe-instance-information.json":
            nodes = objects_in(answer, "InstanceInformationList")
            if nodes is not None:
                named = [n for n in nodes if filled(n.get("InstanceId"))]
                snapshot.nodes = {n["InstanceId"]: n.get("PingStatus") for n in named}
                snapshot.nodes_complete = is_complete(answer) and all_named(answer["InstanceInformationList"], "InstanceId")
        else:
            read_documents(snapshot, path.name, answer)


class Observations:
    """The snapshots of all accounts and regions by `as_of`, in order of time."""

    def __init__(self, heap, as_of):
        self._by_place = {
            place: [moments[time] for time in sorted(moments) if as_of is not None and time <= as_of]
            for place, moments in heap.snapshots.items()
        }

    def places(self):
        return sorted(self._by_place)

    def of(self, place):
        return self._by_place.get(place, [])

    def preferences_at(self, place, moment):
        """R10: as last observed at or before the moment; None without an observation."""
        for snapshot in reversed(self.of(place)):
            if moment is not None and snapshot.time <= moment:
                preferences = snapshot.preferences()
                if preferences is not None:
                    return preferences
        return None

    def document_at(self, place, name, moment):
        """R24: the newest version in the last snapshot by the moment that shows the document, else in the first after it."""
        showing = [s for s in self.of(place) if s.newest(name) is not None]
        before = [s for s in showing if s.time <= moment]
        chosen = before[-1] if before else showing[0] if showing else None
        return preferences_of(chosen.newest(name)) if chosen else None

    def tags_of(self, place, target, moment):
        """R20: tags of the last snapshot that names the instance by then, else of the first after it."""
        if target is None or moment is None:
            return None
        naming = [s for s in self.of(place) if s.instances is not None and target in s.instances]
        before = [s for s in naming if s.time <= moment]
        chosen = before[-1] if before else naming[0] if naming else None
        return chosen.instances[target][1] if chosen else None

    def session_type_of(self, place, document):
        """R4: `sessionType` of a document in the newest snapshot that shows it."""
        for snapshot in reversed(self.of(place)):
            content = snapshot.newest(document)
            if content is not None:
                return content.get("sessionType")
        return None
