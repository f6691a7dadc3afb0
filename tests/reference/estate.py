"""A random estate on disk in all four kinds of source, with a configuration and a policy.

    python3 estate.py --seed 7 --out DIR [--sessions 80]

The same seed gives the same bytes. DIR holds `sessiontrail.toml`, `policy.toml`, the source folders, and
`moments.json`: instants inside the estate that make good values for `--as-of`.
"""

import argparse
import json
import random
from pathlib import Path

from estate_account import SnapshotWriter
from estate_calls import CallWriter, iso
from estate_lives import DAY, HOUR, World
from estate_logs import LogWriter

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "America/Sao_Paulo"]
SPANS = ["10m", "30m", "1h", "90m", "2h", "4h", "8h", "24h"]


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def limits(rng, chance=0.75):
    lines = [("max_duration", rng.choice(SPANS)), ("idle_timeout", rng.choice(["5m", "10m", "15m", "30m"]))]
    lines.append(("terminate_within", rng.choice(["30m", "1h", "2h"])))
    return "".join(f"  {name} = {quoted(span)}\n" for name, span in lines if rng.random() < chance)


def tiers(rng, world):
    """Candidate tiers on every field that a policy can match, a random few of them in random order."""
    node = rng.choice(rng.choice(world.places).nodes).id
    candidates = [
        ("break-glass", 'break_glass = true\n  principals = ["arn:aws:sts::*:assumed-role/BreakGlass*/*"]', 0.9),
        ("production", 'tags = { Environment = ["prod", "production"] }', 0.8),
        ("non prod", 'tags = { Environment = ["d*v", "test"], Owner = "*" }', 0.5),
        ("tunnels", 'documents = ["AWS-StartPort*", "db.tunnel*"]', 0.5),
        ("on-premises", 'targets = ["mi-*"]', 0.6),
        ("one node", f"targets = [{quoted(node)}]", 0.3),
        ("europe", f'regions = ["eu-*"]\n  accounts = [{quoted(world.places[0].account)}]', 0.4),
        ("migration ci", 'principals = ["*:assumed-role/DbMigration/*", "*/ci-nightly/*"]', 0.4),
    ]
    chosen = [candidate for candidate in candidates if rng.random() < candidate[2]]
    rng.shuffle(chosen)
    return "".join(
        f"  [[policy.tier]]\n  name = {quoted(name)}\n  {matchers}\n{limits(rng)}\n" for name, matchers, _ in chosen
    )


def exceptions(rng, world):
    text = ""
    for matcher in ('principals = ["arn:aws:sts::*:assumed-role/DbMigration/*"]', 'tags = { Owner = "payments" }',
                    f"accounts = [{quoted(world.places[-1].account)}]"):
        if rng.random() < 0.4:
            begin = world.begin + rng.randrange(world.now - world.begin)
            until = begin + rng.randint(1, 40) * DAY
            change = rng.choice(['max_duration = "12h"', 'max_duration = "20m"', 'idle_timeout = "45m"'])
            text += (
                f'  [[policy.exception]]\n  {matcher}\n  from = "{iso(begin)}"\n  until = "{iso(until)}"\n  {change}\n'
                '  owner = "data-platform"\n  reason = "CHG-1234"\n\n'
            )
    return text


def policy_text(rng, world):
    """One to three versions; in some estates the first begins after the first sessions."""
    grace = rng.choice(["120s", "60s", "0s", "5m", None])
    text = f"grace = {quoted(grace)}\n\n" if grace else ""
    moments = sorted(world.begin + rng.randrange(world.now - world.begin) for _ in range(rng.randint(1, 3)))
    if rng.random() < 0.75:
        moments[0] = world.begin - DAY
    for moment in moments:
        text += f'[[policy]]\neffective_from = "{iso(moment)}"\n\n  [policy.default]\n{limits(rng, 0.85)}\n'
        text += tiers(rng, world) + exceptions(rng, world)
    text += '[automation]\nprincipals = ["arn:aws:sts::*:assumed-role/ci-*/*"]\n\n'
    if rng.random() < 0.9:
        names = [("environment", "Environment"), ("owner", "Owner"), ("cost_center", "CostCenter")]
        text += "[tags]\n" + "".join(f"{field} = {quoted(tag)}\n" for field, tag in names if rng.random() < 0.9)
    return text


def source_text(rng, world, name, kind, uri):
    text = f"\n[[source]]\nname = {quoted(name)}\nkind = {quoted(kind)}\nuri = {quoted(uri)}\n"
    if kind in ("transcripts", "cloudwatch") and rng.random() < 0.6:
        place = rng.choice(world.places)
        text += f"account = {quoted(place.account)}\n"
        if rng.random() < 0.85:
            text += f"region = {quoted(place.region)}\n"
    return text


def kinds_present(rng):
    """Mostly all four; sometimes one or more are missing."""
    everything = ["cloudtrail", "cloudwatch", "transcripts", "account"]
    draw = rng.random()
    if draw < 0.6:
        return everything
    if draw < 0.9:
        missing = rng.choice(everything)
        return [kind for kind in everything if kind != missing]
    return rng.sample(everything, rng.randint(1, 2))


def clone_some(rng, world):
    """The same session id in two places: what has no key of its own must choose (R1)."""
    for life in list(world.lives):
        if len(world.places) > 1 and rng.random() < 0.02:
            twin = rng.choice([place for place in world.places if place is not life.place])
            world.lives.append(type(life)(**{**vars(life), "place": twin}))


def build(seed, folder, sessions=None):
    rng, folder = random.Random(seed), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    world = World(rng, sessions or rng.randint(30, 150))
    clone_some(rng, world)
    zone = rng.choice(ZONES)
    fiscal = rng.choice([1, 1, 4, 7, 10, 2, 12])
    text = f'[lake]\nuri = "./lake"\n\n[report]\ntimezone = {quoted(zone)}\nfiscal_year_start = {fiscal}\n'
    if rng.random() < 0.93:
        text += '\n[policy]\nfile = "policy.toml"\n'
    (folder / "policy.toml").write_text(policy_text(rng, world), encoding="utf-8")
    present = kinds_present(rng)
    if "cloudtrail" in present:
        trail, logs = folder / "trail", folder / "trail-logs"
        calls = CallWriter(rng, world, rng.choice([0.9, 0.75, 0.5]))
        used = calls.write(trail, logs if rng.random() < 0.5 else None)
        if used[0]:
            text += source_text(rng, world, "org-trail", "cloudtrail", "./trail")
        if used[1]:
            text += source_text(rng, world, "trail-group", "cloudtrail", "trail-logs")
    if "cloudwatch" in present:
        writer = LogWriter(rng, world)
        writer.write_log_group(folder / "logs", rng.choice([0.7, 0.5]))
        text += source_text(rng, world, "sessions-stream", "cloudwatch", "logs")
        if rng.random() < 0.35:
            # The same group once more, such as exports beside what is pulled: two sources hold the same events (R5, R10).
            writer.write_log_group(folder / "logs-again", rng.choice([0.6, 0.3]))
            first = text[text.rindex("[[source]]"):]
            name = rng.choice(["a-second-look", "z-second-look"])
            text += "\n" + first.replace('"sessions-stream"', quoted(name)).replace('"logs"', '"logs-again"')
    if "transcripts" in present:
        LogWriter(rng, world).write_transcripts(folder / "transcripts", rng.choice([0.7, 0.5]))
        text += source_text(rng, world, "bucket", "transcripts", "./transcripts/")
        if rng.random() < 0.3:
            LogWriter(rng, world).write_transcripts(folder / "replica", 0.3)
            text += source_text(rng, world, rng.choice(["a-replica", "replica"]), "transcripts", "replica")
    if "account" in present:
        SnapshotWriter(rng, world).write(folder / "accounts")
        text += source_text(rng, world, "snapshots", "account", "accounts")
    if rng.random() < 0.15:
        # A source that never held anything: no hour of it was read (R31).
        (folder / "quiet").mkdir()
        text += source_text(rng, world, "quiet", rng.choice(["cloudtrail", "cloudwatch", "transcripts", "account"]), "quiet")
    (folder / "sessiontrail.toml").write_text(text, encoding="utf-8")
    span = world.now - world.begin
    moments = [iso(world.begin + rng.randrange(span), 3) for _ in range(3)] + [iso(world.now + 2 * HOUR)]
    (folder / "moments.json").write_text(json.dumps(moments) + "\n")
    return world


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--sessions", type=int)
    arguments = parser.parse_args()
    build(arguments.seed, arguments.out, arguments.sessions)


if __name__ == "__main__":
    main()
