"""Writes the session logs of an estate: transcripts, and the log group's streaming and upload-at-end events."""

import gzip
import json
import os
from datetime import datetime, timedelta, timezone

from estate_calls import iso
from estate_lives import DAY, MINUTE, SECOND

LINES = [
    "ls /usr", "bin  etc  games", "echo größer", "Script started on 2020-01-01 00:00:00+00:00", "vim /etc/hosts", "",
    "\x1b[01;34mbin\x1b[0m", "\x1b]0;root@web: ~\x07top", "exit 3", "2026-01-01T00:00:00Z no millisecond", "a, b; c",
]
STYLES = ["al2", "util235", "command", "old", "old_plain", "powershell"]


def stamp_text(rng, ms):
    """A node's own time with its offset."""
    offset, written = rng.choice([(0, "+0000"), (0, "+00:00"), (2, "+02:00"), (2, "+0200"), (-5, "-05:00")])
    local = datetime.fromtimestamp(ms // 1000, tz=timezone.utc) + timedelta(hours=offset)
    return local.strftime("%Y-%m-%d %H:%M:%S") + written


class LogWriter:
    """Writes what the nodes uploaded."""

    def __init__(self, rng, world):
        self.rng, self.world = rng, world
        self.run_as = {life.session_id: rng.choice(["ssm-user", "ssm-user", "root", ""]) for life in world.lives}
        self.written = {}  # what the group holds of a session: every source of the group holds the same

    def _body(self, life):
        rng = self.rng
        lines = ["sh-5.2$ " + rng.choice(LINES) for _ in range(rng.randint(1, 8))]
        if life.says_exit:
            lines += rng.choice([
                ["sh-5.2$ exit"], ["sh-5.2$ exit", "exit"], ["[root@web ~]# logout"], ["\x1b[?2004l\rexit"],
                ["PS C:\\> exit"],
            ])
        elif rng.random() < 0.5:
            lines.append("sh-5.2$ ")
        return lines

    def text(self, life, style, made):
        """A transcript's text (LF, CR CR LF in the body), made by script(1) at the node's time `made`."""
        rng, lines = self.rng, self._body(life)
        begun, done = stamp_text(rng, made), stamp_text(rng, made + rng.choice([0, 0, 1]) * SECOND)
        body = "".join(line + "\r\r\n" for line in lines)
        if style == "al2":
            return f"Script started on {begun}\n{body}\nScript done on {done}\n"
        if style == "util235":
            header, footer = "[<not executed on terminal>]", '[COMMAND_EXIT_CODE="0"]'
            return f"Script started on {begun} {header}\n{body}\nScript done on {done} {footer}\n"
        if style == "command":
            folder = f"/var/lib/amazon/ssm/{life.target}/session/orchestration/{life.session_id}"
            header = f'[COMMAND="cat {folder}/Standard_Stream/ipcTempFile.log" <not executed on terminal>]'
            footer = '[COMMAND_EXIT_CODE="0"]'
            return f"Script started on {begun} {header}\n{body}\nScript done on {done} {footer}\n"
        if style in ("old", "old_plain"):
            logger = "sh-4.2# /usr/bin/ssm-session-logger /var/lib/amazon/ssm/ipcTempFile.log false\r\r\n"
            body = f"{logger}2026-01-01 00:00:00 INFO seelog noise\r\r\n{body}sh-4.2# exit\r\r\n"
            later = stamp_text(rng, made + 65 * SECOND)
            return f"Script started on {begun}\n{body}\nScript done on {later}\n" if style == "old" else body
        local = datetime.fromtimestamp(made // 1000, tz=timezone.utc).strftime("%Y%m%d%H%M%S")
        frame = "*" * 22
        return (
            f"{frame}\r\nWindows PowerShell transcript start\r\nStart time: {local}\r\nUsername: W\\SYSTEM\r\n{frame}\r\n"
            + "".join(line + "\r\n" for line in lines)
            + f"{frame}\r\nWindows PowerShell transcript end\r\nEnd time: {local}\r\n{frame}\r\n"
        )

    def _style(self, life):
        weights = [4, 3, 5, 1.5, 1, 1.5]
        return self.rng.choices(STYLES, weights)[0]

    # ---- transcripts ------------------------------------------------------------------------------------------

    def write_transcripts(self, folder, share):
        rng = self.rng
        for life in self.world.lives:
            loggable = life.kind not in ("port", "ssh") and life.cause not in ("killed", "plugin", "failed")
            if life.end is None or not loggable or rng.random() >= share:
                continue
            style = self._style(life)
            ended = life.end if life.cause != "vanish" else life.client_gone
            uploaded = ended + rng.randint(1, 6) * SECOND + (80 * SECOND if style == "powershell" else 0)
            if style in ("old", "old_plain"):
                uploaded += 66 * SECOND
            data = self.text(life, style, ended + life.skew + rng.randint(0, 1500)).encode()
            if rng.random() < 0.15:
                data = data.replace(b"vim", b"v\xff\xfem")
            if rng.random() < 0.1:
                uploaded += rng.choice([2 * MINUTE, 10 * MINUTE, 3 * DAY])  # a slow upload, or a copied bucket
            if uploaded <= self.world.now:
                self._object(folder / rng.choice(["", "ssm", "ssm/eu"]), life.session_id + ".log", data, uploaded)
            if rng.random() < 0.03 and uploaded + DAY <= self.world.now:
                self._put(folder / "copy", life.session_id + ".log", data, uploaded + DAY)
        self._put(folder, "readme.log", b"Script started on 2026-01-01 00:00:00+00:00\n", self.world.now)
        self._put(folder, "jane-0a1b2c.log", b"no session id", self.world.now)
        self._put(folder, "jane-0a1b2c3d4e5f60718.log.metadata.json", b"{}", self.world.now)
        self._put(folder, "jane-0a1b2c3d4e5f60718.txt", b"x", self.world.now)

    def _object(self, folder, name, data, uploaded):
        """Mostly as `aws s3 sync` leaves it; sometimes as a copy of its own time, with what the store says beside it."""
        if self.rng.random() < 0.85:
            return self._put(folder, name, data, uploaded)
        self._put(folder, name, data, self.world.now + 3 * DAY)
        head = {"VersionId": f"v{uploaded}", "LastModified": iso(-(-uploaded // SECOND) * SECOND).replace("Z", "+00:00")}
        self._put(folder, name + ".metadata.json", json.dumps(head).encode(), self.world.now)

    def _put(self, folder, name, data, modified):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(data)
        seconds = -(-modified // SECOND)
        os.utime(path, (seconds, seconds))

    # ---- the log group ----------------------------------------------------------------------------------------

    def _streaming(self, life, time, lines):
        arn, region = life.owner, life.place.region
        if life.session_id.endswith(("3", "q")):  # some events lack what would tie them to a place
            arn, region = ("", region) if life.session_id[-2] < "5" else (arn, "")
        return json.dumps(
            {
                "eventVersion": "1.0", "eventTime": iso(time), "awsRegion": region, "target": {"id": life.target},
                "userIdentity": {"arn": arn}, "runAsUser": self.run_as.get(life.session_id, ""),
                "sessionId": life.session_id, "sessionData": lines,
            },
            ensure_ascii=False, separators=(",", ":"),
        )

    def events_of(self, life, streams, uploads):
        """(timestamp, ingestionTime, message) of a session's events."""
        rng, events = self.rng, []
        if streams:
            seen = set()
            for index, time in enumerate(life.activity):
                final = index == len(life.activity) - 1 and life.end is not None
                lines = [rng.choice(LINES) for _ in range(rng.randint(1, 3))]
                if final:
                    lines = ["sh-5.2$ exit", "exit"] if life.says_exit else lines + ["sh-5.2$ "]
                stamp = time + life.skew
                if stamp not in seen:
                    events.append((stamp, time + rng.randint(450, 2500), self._streaming(life, stamp, lines)))
                seen.add(stamp)
            if events and rng.random() < 0.04:
                events.append(events[-1])  # the very same line twice in one batch
        if uploads and life.end is not None:
            made = (life.end if life.cause != "vanish" else life.client_gone) + rng.randint(800, 4000)
            text = self.text(life, self._style(life), made + life.skew).replace("\r\n", "\n").removesuffix("\n")
            parts = [text]
            if len(text) > 400 and rng.random() < 0.3:
                cut = text.index("\n", 200)
                parts = [text[:cut], text[cut + 1:]]
            for number, part in enumerate(parts):
                events.append((made + life.skew + number, made + rng.randint(450, 2500), part))
        return [event for event in events if event[1] <= self.world.now]

    def write_log_group(self, folder, share):
        """One log group, for lives of all places: each session by the API, in exports, or in both."""
        rng = self.rng
        files = {name: [] for name in ("page-1.ndjson", "page-2.ndjson.gz", "deep/page-3.json", "page-4.json.gz")}
        tasks = [f"{rng.getrandbits(64):016x}" for _ in range(2)]
        for life in self.world.lives:
            if life.kind in ("port", "ssh") or life.cause in ("plugin", "failed") or rng.random() >= share:
                continue
            streams = life.kind != "command" and rng.random() < 0.7
            uploads = life.cause != "killed" and (not streams or rng.random() < 0.15)
            if id(life) not in self.written:
                events = self.events_of(life, streams, uploads)
                self.written[id(life)] = [(*event, f"{38 * 10**54 + rng.getrandbits(150)}") for event in events]
            events = self.written[id(life)]
            form = rng.choice(["api", "api", "export", "both"])
            if form != "export":
                self._api(files, life, events)
            if form != "api" and events:
                every = form == "export" or rng.random() < 0.5
                self._exports(folder, tasks, life, events if every else events[: len(events) // 2 + 1])
        for name, lines in files.items():
            path = folder / "api" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            rng.shuffle(lines)
            lines.insert(rng.randint(0, len(lines)), '{"timestamp": 17, "message":')
            data = "".join(line + "\n" for line in lines).encode()
            path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        broken = folder / "exports" / tasks[0] / "jane-0a1b2c3d4e5f60718" / "000000.gz"
        broken.parent.mkdir(parents=True, exist_ok=True)
        broken.write_bytes(b"\x1f\x8b\x08 broken")
        (folder / "exports" / "aws-logs-write-test").write_text("Permission Check Successful")

    def _api(self, files, life, events):
        rng = self.rng
        for timestamp, ingested, message, event_id in events:
            event = {
                "timestamp": timestamp, "ingestionTime": ingested, "message": message,
                "logStreamName": life.session_id, "eventId": event_id,
            }
            line = json.dumps(event, ensure_ascii=rng.random() < 0.5)
            for name in rng.sample(sorted(files), 2 if rng.random() < 0.2 else 1):
                files[name].append(line)

    def _exports(self, folder, tasks, life, events):
        rng = self.rng
        for task in tasks if rng.random() < 0.2 else [rng.choice(tasks)]:
            twice = len({event[:3] for event in events}) < len(events)
            cut = len(events) if twice else rng.randint(1, len(events))
            for number, part in enumerate((events[:cut], events[cut:])):
                if part:
                    path = folder / "exports" / task / life.session_id / f"{number:06d}.gz"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    text = "".join(f"{iso(time, 3)} {message}\n" for time, _, message, _ in part)
                    path.write_bytes(gzip.compress(text.encode(), mtime=0))
