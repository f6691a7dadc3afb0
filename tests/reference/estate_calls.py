"""Writes the `cloudtrail` side of an estate: log files of two layouts and log group exports (for estate.py)."""

import gzip
import json
from datetime import datetime, timezone

from estate_lives import SECOND

HIDDEN = "Value hidden due to security reasons."


def iso(ms, digits=0):
    moment = datetime.fromtimestamp(ms // 1000, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{ms % 1000:03d}Z" if digits else moment + "Z"


def compact(ms, seconds=True):
    return datetime.fromtimestamp(ms // 1000, tz=timezone.utc).strftime("%Y%m%dT%H%M%SZ" if seconds else "%Y%m%dT%H%MZ")


def identity(rng, arn, account):
    kind = "Root" if arn.endswith(":root") else "IAMUser" if ":user/" in arn else "AssumedRole"
    found = {"type": kind, "principalId": "AIDAEXAMPLE", "arn": arn, "accountId": account}
    if rng.random() < 0.8:
        found["sessionContext"] = {
            "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": rng.choice(["true", "false"])}
        }
    return found


class CallWriter:
    """Collects records for each account and region, then writes them."""

    def __init__(self, rng, world, share):
        self.rng, self.world = rng, world
        self.records = {id(place): [] for place in world.places}
        for life in world.lives:
            self._life(life, share)
        for place in world.places:
            self._noise(place)

    def _uuid(self):
        digits = f"{self.rng.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def _record(self, place, time, name, arn, request, response, source="ssm.amazonaws.com", **more):
        record = {
            "eventVersion": self.rng.choice(["1.05", "1.08", "1.10"]),
            "userIdentity": identity(self.rng, arn, place.account),
            "eventTime": iso(time),
            "eventSource": source,
            "eventName": name,
            "awsRegion": place.region,
            "sourceIPAddress": f"203.0.113.{self.rng.randint(1, 254)}",
            "userAgent": "aws-cli/2.17.32",
            "requestParameters": request,
            "responseElements": response,
            "requestID": self._uuid(),
            "eventID": self._uuid(),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": place.account,
            "eventCategory": "Management",
            **more,
        }
        if self.rng.random() < 0.05:
            del record["recipientAccountId"]
        return time, record

    def _life(self, life, share):
        rng, place, records = self.rng, life.place, self.records[id(life.place)]
        stream = {
            "sessionId": life.session_id, "tokenValue": HIDDEN,
            "streamUrl": f"wss://ssmmessages.{place.region}.amazonaws.com/v1/data-channel/{life.session_id}",
        }
        if life.kind == "ecs":
            if rng.random() < share:
                request = {"cluster": "web", "task": "t", "command": "/bin/sh", "interactive": True}
                response = {"clusterArn": "arn", "containerName": "c", "interactive": True, "session": stream}
                records.append(
                    self._record(place, life.start, "ExecuteCommand", life.owner, request, response, "ecs.amazonaws.com")
                )
            if rng.random() < 0.3:  # the call that ECS makes in turn knows the target
                request = {"target": life.target, "reason": life.reason or ""}
                records.append(self._record(place, life.start + rng.randint(0, 2) * SECOND, "StartSession", life.owner, request, stream))
        elif rng.random() < share:
            request = {"target": life.target}
            if life.document:
                owner = "" if life.document.startswith("AWS-") else place.account
                arn = f"arn:aws:ssm:{place.region}:{owner}:document/{life.document}"
                request["documentName"] = arn if rng.random() < 0.15 else life.document
            if life.reason is not None or rng.random() < 0.1:
                request["reason"] = life.reason or ""
            if life.kind == "port":
                request["parameters"] = {"portNumber": ["5432"], "localPortNumber": ["15432"]}
            records.append(self._record(place, life.start, "StartSession", life.owner, request, stream))
        for time in life.resumes:
            if rng.random() < 0.8:
                response = rng.choice([stream, {"tokenValue": HIDDEN}])
                named = {"sessionId": life.session_id}
                records.append(self._record(place, time, "ResumeSession", life.owner, named, response))
        if life.terminated_at and life.terminated_at <= self.world.now and rng.random() < 0.85:
            named = {"sessionId": life.session_id}
            answer = rng.choice([named, None])
            records.append(
                self._record(place, life.terminated_at, "TerminateSession", life.terminated_by, named, answer)
            )
            if rng.random() < 0.15:  # a second one, just after
                later = life.terminated_at + rng.randint(2, 50) * SECOND
                caller = rng.choice([life.owner, life.terminated_by])
                records.append(self._record(place, later, "TerminateSession", caller, named, named))

    def _noise(self, place):
        """Denied calls, name-sakes and other services, all between two accepted calls."""
        rng, records = self.rng, self.records[id(place)]
        lives = [life for life in self.world.lives if life.place is place]
        if len(records) < 2 or not lives:
            return
        times = [time for time, _ in records]
        low, high = min(times) + SECOND, max(times) - SECOND
        for _ in range(rng.randint(6, 14)):
            life, time = rng.choice(lives), rng.randint(low, max(low, high))
            named, target = {"sessionId": life.session_id}, {"target": life.target}
            denied = {"errorCode": rng.choice(["AccessDenied", "AccessDeniedException"]), "errorMessage": "not"}
            choices = [
                ("StartSession", None, None, "ssm.amazonaws.com", denied),
                ("ResumeSession", None, None, "ssm.amazonaws.com", denied),
                ("TerminateSession", named, None, "ssm.amazonaws.com", denied),
                ("StartSession", target, None, "ssm.amazonaws.com", {"errorCode": "TargetNotConnected"}),
                ("StartSession", target, None, "ssm.amazonaws.com", {}),
                ("StartSession", {"workGroup": "w"}, named | {"state": "CREATED"}, "athena.amazonaws.com", {}),
                ("TerminateSession", named, {"state": "TERMINATING"}, "athena.amazonaws.com", {}),
                ("ExecuteCommand", {"cluster": "web"}, None, "ecs.amazonaws.com", {}),
                ("DescribeInstanceInformation", None, None, "ssm.amazonaws.com", {}),
                ("PutObject", {"bucketName": "b"}, None, "s3.amazonaws.com", {}),
                ("UpdateDocument", {"name": "SSM-SessionManagerRunShell", "content": "HIDDEN"},
                 {"documentDescription": {"documentVersion": "2"}}, "ssm.amazonaws.com", {}),
            ]
            name, request, response, source, more = rng.choice(choices)
            records.append(self._record(place, time, name, life.owner, request, response, source, **more))

    # ---- files ------------------------------------------------------------------------------------------------

    def write(self, folder, logs):
        """Log files below `folder`; some places go to a log group (`logs`, or None). Returns whether each was used."""
        rng, used = self.rng, [False, False]
        organisation = "o-a1b2c3d4e5" if rng.random() < 0.5 else None
        for index, place in enumerate(self.world.places):
            records = sorted(self.records[id(place)], key=lambda item: item[0])
            if not records:
                continue
            if logs is not None and (rng.random() < 0.4 or (index == 0 and rng.random() < 0.7)):
                self._log_group(logs, place, records)
                used[1] = True
            else:
                self._log_files(folder, place, records, organisation)
                used[0] = True
        return used

    def _chunks(self, records):
        """Consecutive records in files of 1 to 9; a fifth of the records again in the file after."""
        rng, chunks, again = self.rng, [], []
        while records:
            size = rng.randint(1, 9)
            chunks.append(records[:size] + again)
            again = [item for item in records[:size] if rng.random() < 0.2]
            records = records[size:]
        return chunks + ([again] if again else [])

    def _log_files(self, folder, place, records, organisation):
        rng = self.rng
        base = folder / "AWSLogs"
        base = base / organisation / place.account if organisation else base / place.account
        for chunk in self._chunks(records):
            delivered = max(time for time, _ in chunk) + rng.randint(70, 600) * SECOND
            day = datetime.fromtimestamp(delivered // 1000, tz=timezone.utc)
            suffix = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789") for _ in range(16))
            name = f"{place.account}_CloudTrail_{place.region}_{compact(delivered, seconds=False)}_{suffix}.json"
            path = base / "CloudTrail" / place.region / day.strftime("%Y/%m/%d") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            rng.shuffle(chunk)
            self._log_file(path, [record for _, record in chunk])
        self._junk(base, place, records)

    def _log_file(self, path, records):
        rng = self.rng
        value = {"Records": records}
        if rng.random() < 0.08:
            value = records if len(records) > 1 else records[0]
        text = json.dumps(value, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, None, 1])).encode()
        if rng.random() < 0.2:
            path.write_bytes(text)
            return
        cut = rng.randint(0, len(text)) if rng.random() < 0.3 else len(text)
        data = gzip.compress(text[:cut], mtime=0) + (gzip.compress(text[cut:], mtime=0) if cut < len(text) else b"")
        path.with_name(path.name + ".gz").write_bytes(data)

    def _junk(self, base, place, records):
        """What must be left out: digests, Insight files, corrupt gzip, broken JSON (with early keys)."""
        rng = self.rng
        first = compact(records[0][0], seconds=False)
        for kind in ("CloudTrail-Digest", "CloudTrail-Insight"):
            folder = base / kind / place.region / "2026/02/01"
            folder.mkdir(parents=True, exist_ok=True)
            late = dict(records[-1][1], eventID=self._uuid(), eventTime="2026-12-31T00:00:00Z")
            name = f"{place.account}_{kind}_{place.region}_trail_{place.region}_20261231T000000Z.json.gz"
            (folder / name).write_bytes(gzip.compress(json.dumps({"Records": [late]}).encode(), mtime=0))
        folder = base / "CloudTrail" / place.region / "2026/01/01"
        folder.mkdir(parents=True, exist_ok=True)
        prefix = f"{place.account}_CloudTrail_{place.region}_{first}"
        for suffix, data in (
            ("corruptcorrupt01.json.gz", b"\x1f\x8b\x08\x00 no gzip"),
            ("truncatedtrunca1.json.gz", gzip.compress(b'{"Records":[{"a":', mtime=0)[:-9]),
            ("brokenbroken0001.json", b'{"Records":[{"eventSource"'),
            ("emptyemptyempty1.json", b""),
        ):
            (folder / f"{prefix}_{suffix}").write_bytes(data)
        (folder / "notes.txt").write_text("not a log file")

    def _log_group(self, folder, place, records):
        """The trail's log group: an export, or NDJSON of the API's shape."""
        rng = self.rng
        stream = f"{place.account}_CloudTrail_{place.region}" + rng.choice(["", "_2", "_3"])
        lines = [(time + rng.randint(60, 400) * SECOND, json.dumps(record)) for time, record in records]
        if rng.random() < 0.5:
            path = folder / "exports" / f"{rng.getrandbits(64):016x}" / stream / "000000.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = "".join(f"{iso(time, 3)} {message}\n" for time, message in lines)
            path.write_bytes(gzip.compress(text.encode(), mtime=0))
            return
        path = folder / f"{stream}-{place.account}.ndjson"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            for number, (time, message) in enumerate(lines):
                ingested = time + rng.randint(100, 3000)
                event = {"timestamp": time, "ingestionTime": ingested, "message": message,
                         "logStreamName": stream, "eventId": f"{3 * 10**55 + rng.getrandbits(100) + number}"}
                file.write(json.dumps(event) + "\n")

