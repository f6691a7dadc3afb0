"""The policy file: versions, tiers, exceptions, matching (SPEC §4, rulings R19, R29)."""

import re
import tomllib
from dataclasses import dataclass

from instants import parse_setting, parse_span

_FIELDS = ("principals", "accounts", "regions", "targets", "documents")
_LIMITS = ("max_duration", "idle_timeout", "terminate_within")


def glob_match(pattern, value):
    """Case-sensitive; `*` is any run of characters, nothing else is special."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), value, re.DOTALL) is not None


def as_list(value):
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Subject:
    """What a policy matches on: a session's, or an instance's, known fields (null where it lacks one)."""

    principals: str | None = None
    accounts: str | None = None
    regions: str | None = None
    targets: str | None = None
    documents: str | None = None
    tags: dict | None = None


@dataclass(frozen=True)
class Limits:
    """A tier's name and limits in microseconds, None where the policy sets none."""

    tier: str | None
    max_duration: int | None
    idle_timeout: int | None
    terminate_within: int | None
    break_glass: bool = False


NO_LIMITS = Limits(None, None, None, None)


def matches(rule, subject):
    """Fields and tag keys ANDed, values ORed; a field that the subject lacks does not match."""
    for name in _FIELDS:
        if name in rule:
            value = getattr(subject, name)
            if value is None or not any(glob_match(p, value) for p in as_list(rule[name])):
                return False
    for key, patterns in rule.get("tags", {}).items():
        value = (subject.tags or {}).get(key)
        if value is None or not any(glob_match(p, value) for p in as_list(patterns)):
            return False
    return True


class Version:
    """One `[[policy]]`."""

    def __init__(self, table):
        self.effective_from = parse_setting(table["effective_from"])
        self._default = table.get("default", {})
        self._tiers = table.get("tier", [])
        self._exceptions = table.get("exception", [])

    def _limits(self, rule, name):
        chosen = {key: rule.get(key, self._default.get(key)) for key in _LIMITS}
        spans = {key: None if text is None else parse_span(text) for key, text in chosen.items()}
        return Limits(tier=name, break_glass=bool(rule.get("break_glass", False)), **spans)

    def for_session(self, subject, start):
        """The first tier that matches, then the first exception that matches and holds at the start."""
        rule = next((tier for tier in self._tiers if matches(tier, subject)), None)
        limits = self._limits(rule, rule["name"]) if rule else self._limits(self._default, "default")
        for exception in self._exceptions:
            holds = parse_setting(exception["from"]) <= start < parse_setting(exception["until"])
            if holds and matches(exception, subject):
                changed = {key: parse_span(exception[key]) for key in _LIMITS if key in exception}
                return Limits(**{**vars(limits), **changed})
        return limits

    def for_instance(self, subject):
        """Coverage: only tiers without `principals` and `documents`, and no exceptions."""
        for tier in self._tiers:
            if "principals" not in tier and "documents" not in tier and matches(tier, subject):
                return self._limits(tier, tier["name"])
        return self._limits(self._default, "default")


class Policy:
    """A policy file, or the absence of one."""

    def __init__(self, table):
        self.grace = parse_span(table.get("grace", "120s"))
        self.versions = sorted((Version(v) for v in table.get("policy", [])), key=lambda v: v.effective_from)
        self._automation = as_list(table.get("automation", {}).get("principals", []))
        self._tags = {"environment": "Environment", "owner": "Owner", "cost_center": "CostCenter"} | table.get("tags", {})

    @classmethod
    def read(cls, path):
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    def in_force(self, moment):
        """The last version with `effective_from` at or before the moment, or None."""
        begun = [v for v in self.versions if moment is not None and v.effective_from <= moment]
        return begun[-1] if begun else None

    def later_than(self, moment):
        return [v for v in self.versions if v.effective_from > moment]

    def principal_class(self, arn):
        if arn is None:
            return "unknown"
        return "automation" if any(glob_match(p, arn) for p in self._automation) else "human"

    def tag_column(self, column, tags):
        """`environment`, `owner` or `cost_center` from a target's tags."""
        key = self._tags.get(column)
        return None if tags is None or key is None else tags.get(key) or None
