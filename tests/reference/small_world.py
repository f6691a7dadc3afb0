"""A hand-made estate in a temporary folder, and what the suites share."""

import gzip
import json
import os
import shutil
import tempfile
import unittest
import weakref
from pathlib import Path

import reference
from instants import parse_iso

ACCOUNT, REGION = "111122223333", "eu-central-1"
NODE = "i-0123456789abcdef0"
JANE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Ops/jane"
BOB = f"arn:aws:sts::{ACCOUNT}:assumed-role/Ops/bob"
SID = "jane-0a1b2c3d4e5f60718"
RUN_SHELL = "SSM-SessionManagerRunShell"

DAY = "2026-03-02 "  # a Monday

POLICY = """
grace = "120s"
[[policy]]
effective_from = "2026-01-01T00:00:00Z"
[policy.default]
max_duration = "1h"
idle_timeout = "20m"
terminate_within = "1h"
[automation]
principals = ["*/ci-*/*"]
[tags]
environment = "Environment"
owner = "Owner"
cost_center = "CostCenter"
"""


def at(text):
    """`2026-03-02 10:00` or with seconds, UTC, in microseconds."""
    return parse_iso((text if text.count(":") == 2 else text + ":00") + "Z")


def iso(text):
    return text.replace(" ", "T") + ("Z" if text.count(":") == 2 else ":00Z")


def shown(text):
    return iso(text).replace("Z", ".000000Z")


class SmallWorld:
    """Collects evidence; `sessions()`, `tables()` run the reference over it."""

    def __init__(self, policy=POLICY, zone="UTC", fiscal=1):
        self.root = Path(tempfile.mkdtemp(prefix="small-world-"))
        weakref.finalize(self, shutil.rmtree, self.root)
        self._records, self._events, self._sources = [], [], {}
        self._policy, self._zone, self._fiscal = policy, zone, fiscal

    def source(self, kind, **more):
        """Notes that a source of this kind exists; its folder is named like the kind."""
        known = self._sources.setdefault(kind, {})
        known.update(more)
        folder = self.root / kind
        folder.mkdir(exist_ok=True)
        return folder

    # ---- evidence ---------------------------------------------------------------------------------------------

    def call(self, name, time, session=SID, arn=JANE, account=ACCOUNT, source="ssm.amazonaws.com", **more):
        """A CloudTrail record. StartSession names NODE unless told otherwise."""
        self.source("cloudtrail")
        request = {"target": NODE} if name == "StartSession" else {"sessionId": session}
        self._records.append({
            "eventTime": iso(time), "eventSource": source, "eventName": name, "awsRegion": REGION,
            "recipientAccountId": account, "userIdentity": {"arn": arn, "accountId": account},
            "requestParameters": request, "responseElements": {"sessionId": session},
            "eventID": f"event-{len(self._records)}", **more,
        })
        return self

    def start(self, time, **more):
        return self.call("StartSession", time, **more)

    def stream(self, time, session=SID, ingested=None, lines=("x",), arn=JANE, event_id=None, region=REGION):
        """A streaming event as the API gives it (`ingested` defaults to a second later), one id each."""
        message = json.dumps({
            "eventVersion": "1.0", "eventTime": iso(time), "awsRegion": region, "target": {"id": NODE},
            "userIdentity": {"arn": arn}, "runAsUser": "", "sessionId": session, "sessionData": list(lines),
        })
        return self.log_event(time, message, session, ingested, event_id)

    def log_event(self, time, message, stream=SID, ingested=None, event_id=None):
        self.source("cloudwatch")
        self._events.append({
            "timestamp": at(time) // 1000, "ingestionTime": (at(ingested) if ingested else at(time) + 10**6) // 1000,
            "message": message, "logStreamName": stream, "eventId": event_id or str(len(self._events)),
        })
        return self

    def export(self, stream, *lines):
        """A file of an export task: whole lines as they stand in it."""
        folder = self.source("cloudwatch") / "exports" / "task" / stream
        folder.mkdir(parents=True, exist_ok=True)
        number, text = len(list(folder.iterdir())), "".join(line + "\n" for line in lines)
        (folder / f"{number:06d}.gz").write_bytes(gzip.compress(text.encode()))
        return self

    def transcript(self, modified, text="", session=SID):
        path = self.source("transcripts") / f"{session}.log"
        path.write_text(text)
        seconds = at(modified) // 10**6
        os.utime(path, (seconds, seconds))
        return self

    def snapshot(self, time, files, account=ACCOUNT, region=REGION):
        """A folder of answers: {name without .json: value}."""
        stamp = iso(time).replace("-", "").replace(":", "")
        folder = self.source("account") / account / region / stamp
        folder.mkdir(parents=True)
        (folder / "describe-log-groups.json").write_text("{}")
        for name, value in files.items():
            (folder / f"{name}.json").write_text(json.dumps(value))
        return self

    def active(self, time, *sessions, **more):
        """A snapshot that holds an Active listing alone: (session id, status) pairs."""
        entries = [{"SessionId": s, "Status": status, "Owner": JANE, "Target": NODE} for s, status in sessions]
        return self.snapshot(time, {"describe-sessions-active": {"Sessions": entries, **more}})

    # ---- answers ----------------------------------------------------------------------------------------------

    def _write(self):
        if self._records:
            (self.root / "cloudtrail" / "records.json").write_text(json.dumps({"Records": self._records}))
        if self._events:
            lines = "".join(json.dumps(event) + "\n" for event in self._events)
            (self.root / "cloudwatch" / "events.ndjson").write_text(lines)
        (self.root / "policy.toml").write_text(self._policy)
        text = f'[report]\ntimezone = "{self._zone}"\nfiscal_year_start = {self._fiscal}\n'
        text += '[policy]\nfile = "policy.toml"\n'
        for kind, more in self._sources.items():
            text += f'[[source]]\nname = "{kind}"\nkind = "{kind}"\nuri = "{kind}"\n'
            text += "".join(f'{key} = "{value}"\n' for key, value in more.items())
        path = self.root / "sessiontrail.toml"
        path.write_text(text)
        return path

    def tables(self, as_of):
        return reference.compute(reference.read_configuration(self._write()), at(as_of) if as_of else None)[1]

    def sessions(self, as_of):
        return self.tables(as_of)["sessions"]

    def session(self, as_of):
        (only,) = self.sessions(as_of)
        return only


def preferences(version, idle="10", maximum="60", bucket="b"):
    """{file name: get-document answer} of the preferences document."""
    content = {"sessionType": "Standard_Stream", "inputs": {
        "s3BucketName": bucket, "idleSessionTimeout": idle, "maxSessionDuration": maximum,
    }}
    return {f"get-document-{RUN_SHELL}-{version}": {"Name": RUN_SHELL, "Content": json.dumps(content)}}


def fleet(instances, nodes):
    """Answers for {id: tags} of running instances and {id: PingStatus} of managed nodes."""
    running = [
        {"InstanceId": i, "State": {"Name": "running"}, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
        for i, tags in instances.items()
    ]
    information = [{"InstanceId": node, "PingStatus": status} for node, status in nodes.items()]
    return {
        "describe-instances": {"Reservations": [{"Instances": [instance]} for instance in running]},
        "describe-instance-information": {"InstanceInformationList": information},
    }


class World(unittest.TestCase):
    """What every suite of small worlds is: rows are compared in the columns that matter to it."""

    def expect(self, row, **columns):
        self.assertEqual({name: row[name] for name in columns}, columns)
