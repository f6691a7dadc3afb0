"""Writes the `account` side of an estate: folders of AWS CLI answers, some absent, partial or broken."""

import json
from datetime import datetime, timedelta, timezone

from estate_calls import compact
from estate_lives import DAY, MINUTE, SECOND

RUN_SHELL = "SSM-SessionManagerRunShell"


class Literal(float):
    """A float that json writes with exactly three decimals."""

    def __repr__(self):
        return f"{float(self):.3f}"


class SnapshotWriter:
    def __init__(self, rng, world):
        self.rng, self.world = rng, world
        self.as_text = rng.random() < 0.3
        self.history_share = rng.choice([1, 0.6, 0.25, 0])
        self.lag = {life.session_id: rng.choice([0, 0, rng.randint(0, 400)]) for life in world.lives}
        self.maximum = {
            life.session_id: rng.choice([None, None, "60", "240", "1050", 120]) for life in world.lives
        }
        for life in world.lives:
            if life.cause == "max" and rng.random() < 0.5:
                ended = life.end or life.start + 60 * MINUTE
                self.maximum[life.session_id] = str(ended // MINUTE - life.start // MINUTE)

    def write(self, folder):
        for place in self.world.places:
            for time in place.snapshots:
                self._snapshot(folder / place.account / place.region / compact(time), place, time)
        if self.rng.random() < 0.5:
            stray = folder / "not-a-snapshot" / "x"
            stray.mkdir(parents=True, exist_ok=True)
            (stray / "describe-sessions-active.json").write_text("{}")

    def _date(self, ms):
        if self.as_text:
            moment = datetime.fromtimestamp(ms // 1000, tz=timezone.utc) + timedelta(hours=1, milliseconds=ms % 1000)
            return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "+01:00"
        return Literal(ms / 1000)

    def _put(self, folder, name, value):
        """Usually the answer; sometimes none, or half of it."""
        draw, text = self.rng.random(), json.dumps(value, indent=1, ensure_ascii=False)
        if draw < 0.06:
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text[: len(text) // 2] if draw < 0.08 else text)

    def _session(self, life, status, with_end):
        entry = {"SessionId": life.session_id, "Target": life.target, "Status": status}
        entry["StartDate"] = self._date(life.start + self.lag[life.session_id])
        if with_end:
            entry["EndDate"] = self._date(life.end + self.lag[life.session_id])
        entry |= {"DocumentName": life.document or RUN_SHELL, "Owner": life.owner, "Reason": life.reason or ""}
        entry |= {"Details": "", "OutputUrl": {}, "AccessType": "Standard" if life.start % 5 else "JustInTime"}
        maximum = self.maximum[life.session_id]
        if maximum is not None:
            entry["MaxSessionDuration"] = maximum
        if self.rng.random() < 0.1:  # every field is optional in AWS's model
            del entry[self.rng.choice(["Target", "Status", "DocumentName", "Owner", "Reason", "AccessType"])]
        return entry

    def _sessions(self, folder, place, time):
        rng, active, history = self.rng, [], []
        for life in (l for l in self.world.lives if l.place is place and l.start <= time):
            if life.end is None or time < life.end:
                gone = life.client_gone is not None and time >= life.client_gone
                resumed = gone and any(life.client_gone < r <= time for r in life.resumes)
                status = "Connecting" if time - life.start < 3 * SECOND else "Connected"
                if gone and not resumed:
                    status = "Disconnected"
                if life.terminated_at and time >= life.terminated_at:
                    status = "Terminating"
                if not (life.cause == "vanish" and life.start % 3 == 0 and gone):
                    active.append(self._session(life, status, False))
            elif time - life.end < 30 * DAY:
                if life.start % 7:  # some never show in the history
                    history.append(self._session(life, "Failed" if life.cause == "failed" else "Terminated", True))
        for name, sessions in (("active", active), ("history", history)):
            if name == "history" and rng.random() >= self.history_share:
                continue
            rng.shuffle(sessions)
            answer = {"Sessions": sessions}
            if rng.random() < 0.12:
                answer = {"Sessions": sessions[: len(sessions) // 2], "NextToken": "AAEAAX"}
            elif rng.random() < 0.1:
                answer["NextToken"] = None
            self._put(folder, f"describe-sessions-{name}.json", answer)

    def _nodes(self, folder, place, time):
        rng, reservations, nodes = self.rng, [], []
        for node in (n for n in place.nodes if n.since <= time):
            tags = node.retagged if node.retagged is not None and time >= node.retagged_at else node.tags
            if node.id.startswith("i-"):
                state = rng.choice(["running"] * 9 + ["stopped", "stopped", "pending", "terminated"])
                instance = {"InstanceId": node.id, "State": {"Name": state}}
                if tags or rng.random() < 0.5:
                    instance["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
                reservations.append({"ReservationId": "r-1", "Instances": [instance]})
            if node.managed:
                ping = "Online" if rng.random() < node.ping else rng.choice(["ConnectionLost", "Inactive"])
                nodes.append({"InstanceId": node.id, "PingStatus": ping, "AgentVersion": "3.3.1142.0"})
        more = lambda: {"NextToken": "AAEAAX"} if rng.random() < 0.04 else {}
        self._put(folder, "describe-instances.json", {"Reservations": reservations, **more()})
        self._put(folder, "describe-instance-information.json", {"InstanceInformationList": nodes, **more()})

    def _documents(self, folder, place, time):
        rng, listed = self.rng, []
        versions = [v for v in place.versions if v.since <= time]
        for version in versions:
            content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": version.inputs}
            self._document(folder, RUN_SHELL, version.number, content)
        if versions:
            default = str(versions[-1].number) if place.default_follows else "1"
            entry = {"Name": RUN_SHELL, "DocumentType": "Session"}
            listed.append(entry | ({"DefaultVersion": default} if rng.random() < 0.3 else {}))
            if rng.random() < 0.8:
                described = {"Name": RUN_SHELL, "DefaultVersion": default, "LatestVersion": str(versions[-1].number)}
                self._put(folder, f"describe-document-{RUN_SHELL}.json", {"Document": described})
        for name, kind in place.documents.items():
            listed.append({"Name": name, "DocumentType": "Session"})
            inputs = self.rng.choice([{}, {"inputs": {"s3BucketName": "own"}}, {"inputs": {"s3BucketName": "", "cloudWatchLogGroupName": "/own"}}])
            self._document(folder, name, 1, {"schemaVersion": "1.0", "sessionType": kind, "properties": {}, **inputs})
        answer = {"DocumentIdentifiers": listed}
        if rng.random() < 0.08:
            answer["NextToken"] = "AAEAAX"
        self._put(folder, "list-documents.json", answer)

    def _document(self, folder, name, number, content):
        answer = {
            "Name": name, "DocumentVersion": str(number), "Status": "Active", "Content": json.dumps(content, indent=2),
            "DocumentType": "Session", "DocumentFormat": "JSON",
        }
        self._put(folder, f"get-document-{name}-{number}.json", answer)

    def _snapshot(self, folder, place, time):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "describe-log-groups.json").write_text('{"logGroups": []}')
        self._sessions(folder, place, time)
        self._nodes(folder, place, time)
        self._documents(folder, place, time)
