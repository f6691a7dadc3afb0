"""Random true lives of sessions: places, people, nodes, preferences, and what happened (for estate.py).

Every time is in whole milliseconds. The truth made here is never read by reference.py; only the evidence is.
"""

from dataclasses import dataclass, field
from datetime import datetime, timezone

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2"]
OWNERS = [
    "payments", "data-platform", "Müller, Jürgen", "=1+1", "@SUM(A1:A9)", "-2+3", "+49 30 1234", "团队 å", 'say "hi"',
    "tab\tbed", "back\\slash", "O'Brien & <sons>",
]
COST_CENTERS = ["4711", "0815", "CC, north", "R&D"]
ENVIRONMENTS = ["prod", "production", "dev", "test", "Prod"]


def ms(year, month, day, hour=0):
    return int(datetime(year, month, day, hour, tzinfo=timezone.utc).timestamp()) * 1000


@dataclass
class Person:
    """A caller: the ARN without its account, and the name that its session ids begin with."""

    arn: str
    name: str

    def arn_in(self, account):
        return self.arn.replace("ACCOUNT", account)


PEOPLE = [
    Person("arn:aws:sts::ACCOUNT:assumed-role/AWSReservedSSO_Ops_01234567/jane.doe@example.com", "jane.doe@example.com"),
    Person("arn:aws:sts::ACCOUNT:assumed-role/AWSReservedSSO_Dev_fedcba9876543210/o+k,b=c@x.y", "o+k,b=c@x.y"),
    Person("arn:aws:sts::ACCOUNT:assumed-role/BreakGlass-Admin/night.call", "night.call"),
    Person("arn:aws:sts::ACCOUNT:assumed-role/BreakGlassNetwork/=1+1", "=1+1"),
    Person("arn:aws:sts::ACCOUNT:assumed-role/DbMigration/flyway", "flyway"),
    Person("arn:aws:sts::ACCOUNT:assumed-role/ci-deploy/ci-runner-7", "ci-runner-7"),
    Person("arn:aws:sts::ACCOUNT:assumed-role/ci-nightly/botocore-session-17200000", "botocore-session-17200000"),
    Person("arn:aws:iam::ACCOUNT:user/ops/bob", "bob"),
    Person("arn:aws:iam::ACCOUNT:root", "root"),
    Person("arn:aws:sts::ACCOUNT:assumed-role/NodeRole/i-0fedcba9876543210", "i-0fedcba9876543210"),
]
ECS_NAME = "ecs-execute-command"


@dataclass
class Node:
    """An EC2 instance or an `mi-` node."""

    id: str
    tags: dict
    managed: bool
    ping: float  # probability of Online in a snapshot
    since: int
    retagged: dict | None = None
    retagged_at: int = 0


@dataclass
class PreferenceVersion:
    since: int
    number: int
    inputs: dict


@dataclass
class Place:
    """One account and region."""

    account: str
    region: str
    nodes: list = field(default_factory=list)
    versions: list = field(default_factory=list)
    default_follows: bool = True  # else the default version stays 1
    snapshots: list = field(default_factory=list)
    documents: dict = field(default_factory=dict)  # other Session documents: name -> sessionType

    def preferences(self, moment):
        """The newest version at a moment, or None."""
        begun = [v for v in self.versions if v.since <= moment]
        return begun[-1] if begun else None


@dataclass
class Life:
    """What truly happened in one session."""

    place: Place
    session_id: str
    kind: str
    target: str
    document: str | None
    person: Person
    start: int
    end: int | None
    cause: str
    activity: list
    client_gone: int | None = None
    resumes: list = field(default_factory=list)
    terminated_by: str | None = None
    terminated_at: int | None = None
    reason: str | None = None
    skew: int = 0
    says_exit: bool = False

    @property
    def owner(self):
        return self.person.arn_in(self.place.account)


def session_id(rng, name):
    if rng.random() < 0.5:
        return f"{name}-0{rng.getrandbits(64):016x}"
    return name + "-" + "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(26))


def hex_id(rng, prefix):
    return f"{prefix}-0{rng.getrandbits(64):016x}"


def random_inputs(rng):
    """Inputs of a preferences document, with the oddities seen in the wild."""
    inputs = {
        "s3BucketName": rng.choice(["org-session-logs", "org-session-logs", ""]),
        "s3KeyPrefix": "ssm",
        "s3EncryptionEnabled": True,
        "cloudWatchLogGroupName": rng.choice(["/ssm/sessions", "/ssm/sessions", ""]),
        "cloudWatchEncryptionEnabled": rng.choice([True, "true", False]),
        "cloudWatchStreamingEnabled": rng.choice([True, False]),
        "kmsKeyId": rng.choice(["", "alias/ssm"]),
        "runAsEnabled": False,
        "runAsDefaultUser": "",
        "idleSessionTimeout": rng.choice(["20", "15", "10", "", "60", 5]),
        "maxSessionDuration": rng.choice(["60", "120", "240", "480", "", 30, "1440"]),
    }
    for name in ("maxSessionDuration", "idleSessionTimeout", "s3BucketName"):
        if rng.random() < 0.12:
            del inputs[name]
    return inputs


class World:
    """Places, nodes, documents and lives of one seed."""

    def __init__(self, rng, wanted):
        self.rng = rng
        # Mostly spring; sometimes over the new year, where 2026 has a week 53.
        month = rng.choice([1, 2, 3, 4, 5, 12])
        self.begin = ms(2026, month, rng.randint(1, 28), rng.randint(0, 23))
        self.now = self.begin + rng.randint(3, 21) * 7 * DAY + rng.randint(0, 7 * DAY - 1)
        accounts = [f"{rng.randint(1, 9)}{rng.randrange(10**11):011d}" for _ in range(rng.randint(2, 3))]
        regions = rng.sample(REGIONS, rng.randint(1, 2))
        self.places = [Place(account, region) for account in accounts for region in regions]
        for place in self.places:
            self._furnish(place)
        self.lives = []
        for _ in range(wanted):
            self.lives.append(self._life())
        for place in self.places:
            self._schedule(place)

    def moment(self, low, high):
        return self.rng.randint(low, max(low, high))

    # ---- places -----------------------------------------------------------------------------------------------

    def _tags(self):
        rng, tags = self.rng, {}
        if rng.random() < 0.8:
            tags["Environment"] = rng.choice(ENVIRONMENTS)
        if rng.random() < 0.7:
            tags["Owner"] = rng.choice(OWNERS)
        if rng.random() < 0.5:
            tags["CostCenter"] = rng.choice(COST_CENTERS)
        if rng.random() < 0.3:
            tags["Name"] = "web-" + str(rng.randint(1, 9))
        return tags

    def _furnish(self, place):
        rng = self.rng
        for _ in range(rng.randint(2, 6)):
            node = Node(hex_id(rng, "i"), self._tags(), rng.random() < 0.85, rng.choice([1, 1, 0.8]), self.begin)
            if rng.random() < 0.3:
                node.retagged, node.retagged_at = self._tags(), self.moment(self.begin, self.now)
            if rng.random() < 0.2:
                node.since = self.moment(self.begin, self.now)
            place.nodes.append(node)
        for _ in range(rng.randint(0, 2)):
            place.nodes.append(Node(hex_id(rng, "mi"), {}, True, rng.choice([1, 0.5]), self.begin))
        if rng.random() < 0.85:
            since = self.begin - DAY if rng.random() < 0.7 else self.moment(self.begin, self.now)
            for number in range(1, rng.randint(1, 4) + 1):
                place.versions.append(PreferenceVersion(since, number, random_inputs(rng)))
                since = self.moment(since, self.now)
        if rng.random() < 0.15 and place.versions:
            place.versions[-1].inputs["maxSessionDuration"] = rng.choice(["{{ssm:max}}", "{{ max }}"])
        place.default_follows = rng.random() < 0.5
        for name, kind in (
            ("Team-Shell-2", "Standard_Stream"), ("tail-logs", "InteractiveCommands"), ("db.tunnel_1", "Port"),
            ("Batch-Run", "NonInteractiveCommands"),
        ):
            if rng.random() < 0.7:
                place.documents[name] = kind

    def _schedule(self, place):
        """Times of snapshots (whole seconds): spread out, some just after a start, and mostly one near now."""
        rng = self.rng
        times = {self.moment(self.begin, self.now) // SECOND for _ in range(rng.randint(4, 11))}
        for life in self.lives:
            if life.place is place and rng.random() < 0.06:
                times.add(life.start // SECOND + rng.choice([1, 2, 600, 3600]))
            if life.place is place and life.client_gone and rng.random() < 0.3:
                times.add(life.client_gone // SECOND + rng.randint(60, 90_000))
        if rng.random() < 0.4:  # two in one day
            times.add(max(times) - rng.randint(60, 20_000))
        if rng.random() < 0.75:
            times.add(self.now // SECOND - rng.randint(0, 7200))
        place.snapshots = sorted(t * SECOND for t in times if self.begin <= t * SECOND <= self.now)

    # ---- lives ------------------------------------------------------------------------------------------------

    def _kind(self, place):
        """(session type, document, target)"""
        rng = self.rng
        node = rng.choice([n.id for n in place.nodes])
        draw = rng.random()
        if draw < 0.60:
            return "shell", rng.choice([None, None, "SSM-SessionManagerRunShell"]), node
        if draw < 0.68:
            return "port", "AWS-StartPortForwardingSession" + rng.choice(["", "ToRemoteHost"]), node
        if draw < 0.73:
            return "ssh", "AWS-StartSSHSession", node
        if draw < 0.79:
            return "command", rng.choice(["AWS-StartInteractiveCommand", "AWS-StartNonInteractiveCommand"]), node
        if draw < 0.86:
            task, runtime = f"{rng.getrandbits(128):032x}", rng.randrange(10**10)
            return "ecs", None, f"ecs:web_{task}_{task}-{runtime}"
        name = rng.choice(["Team-Shell-2", "tail-logs", "db.tunnel_1", "Batch-Run", "Nobody-Knows"])
        kinds = {"Standard_Stream": "shell", "Port": "port", None: "shell"}
        return kinds.get(place.documents.get(name), "command"), name, node

    def _activity(self, start, until):
        """Instants of output: bursts with pauses, some of them long."""
        rng, times = self.rng, []
        t = start + rng.randint(900, 3000)
        while t < until and len(times) < 24:
            times.append(t)
            pause = rng.choice([3 * SECOND, 30 * SECOND, 3 * MINUTE, 14 * MINUTE, (until - start) // 7 + 1, 2 * HOUR])
            t += rng.randint(pause // 2 + 200, pause * 2 + 400)
        return times

    def _life(self):
        rng = self.rng
        place = rng.choice(self.places)
        kind, document, target = self._kind(place)
        person = rng.choice(PEOPLE)
        name = ECS_NAME if kind == "ecs" else person.name
        late = rng.random() < 0.2
        start = self.moment(self.now - 36 * HOUR if late else self.begin, self.now - 10 * MINUTE)
        span = rng.choice([3 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 9 * HOUR, 26 * HOUR, 8 * DAY])
        end = start + rng.randint(span // 3, span * 2)
        cause = rng.choices(
            ["exit", "idle", "max", "owner", "other", "vanish", "open", "failed", "plugin", "killed"],
            [18, 16, 9, 12, 8, 12, 8, 3, 3, 6],
        )[0]
        life = Life(
            place, session_id(rng, name), kind, target, document, person, start, end, cause, [],
            reason=rng.choice([None, None, "CHG-1234, urgent", '=HYPERLINK("http://x")', "größer"]),
        )
        if rng.random() < 0.12:
            life.skew = rng.choice([-1, 1]) * rng.randint(20 * SECOND, 40 * MINUTE)
        else:
            life.skew = rng.randint(-400, 400)
        self._end(life)
        if life.end is not None and life.end > self.now:
            life.end, life.cause = None, "open"
        self._after(life)
        return life

    def _end(self, life):
        rng, preferences = self.rng, life.place.preferences(life.start)
        inputs = preferences.inputs if preferences else {}
        minutes = lambda name, other: int(inputs[name]) if str(inputs.get(name, "")).isdecimal() else other
        idle, maximum = minutes("idleSessionTimeout", 20) * MINUTE, minutes("maxSessionDuration", None)
        if life.cause == "max":
            life.end = life.start + (maximum or 60) * MINUTE + rng.randint(0, 30 * SECOND)
        if life.cause == "plugin":
            life.end = life.start + rng.randint(300, 1900)
        if life.cause == "failed":
            life.end = life.start + rng.randint(1, 20) * SECOND
        if life.cause == "open":
            life.start = max(life.start, life.start if rng.random() < 0.5 else self.now - 30 * HOUR)
            life.end = None
        if life.cause == "vanish":
            life.end = None
        until = min(life.end if life.end is not None else self.now, self.now)
        if life.cause not in ("plugin", "failed"):
            if life.cause == "vanish":
                life.client_gone = self.moment(life.start + 2 * SECOND, min(life.start + 10 * HOUR, self.now))
                until = min(until, life.client_gone)
            life.activity = self._activity(life.start, until)
        if life.cause == "idle" and life.activity:
            life.end = life.activity[-1] + idle + rng.randint(5 * SECOND, 35 * SECOND)
        if life.cause == "vanish":
            gone = life.start + 30 * DAY
            life.end = gone if gone < self.now else None
        if life.cause == "exit" and life.activity and life.end - life.activity[-1] > 3000:
            life.activity.append(life.end - rng.randint(200, 1500))
        life.says_exit = life.cause == "exit" and rng.random() < 0.8

    def _after(self, life):
        """Who ended it by a call, resumes, and late calls on dead sessions."""
        rng, account = self.rng, life.place.account
        if life.cause in ("owner", "plugin") and life.end:
            life.terminated_by, life.terminated_at = life.owner, life.end
        elif life.cause == "other" and life.end:
            life.terminated_by, life.terminated_at = rng.choice(PEOPLE).arn_in(account), life.end
        elif rng.random() < 0.12:
            dead = life.end or life.client_gone or life.start
            life.terminated_by = rng.choice([life.owner, rng.choice(PEOPLE).arn_in(account)])
            life.terminated_at = dead + rng.choice([20 * SECOND, 4 * MINUTE, 40 * MINUTE, 9 * HOUR]) + rng.randint(1, 999)
        if rng.random() < 0.12:
            last = min(life.end or self.now, self.now)
            life.resumes = sorted(self.moment(life.start + SECOND, last) for _ in range(rng.randint(1, 3)))
