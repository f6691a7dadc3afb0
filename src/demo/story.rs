//! What happened in thirteen weeks: the ordinary days, and the few sessions that everybody should have noticed.

use super::cast::{Agent, BREAK_GLASS, Caller, DEPLOY, ENGINEERS, MIGRATION, Machine, SECURITY, machines};
use super::moment::Moment;
use super::place::{BEGIN, DATA_EU, DATA_US, LAST_SNAPSHOT, PROD_EU, PROD_US, Place, STAGING, UNLIMITED_DOCUMENT, WEEKS, preferences_at};
use super::random::{LOWER, Random};
use super::session::{Ending, Kind, Session};

#[derive(Debug)]
pub(super) struct Story {
    pub(super) machines: Vec<Machine>,
    /// In the order of their starts.
    pub(super) sessions: Vec<Session>,
}

pub(super) fn tell(random: &mut Random) -> Story {
    let machines = machines(random);
    let mut teller = Teller { random, machines: &machines, sessions: Vec::new() };
    for day in 0..WEEKS * 7 {
        teller.ordinary_day(BEGIN.plus(day * 86_400), day % 7);
    }
    teller.remarkable();
    let mut sessions = teller.sessions;
    sessions.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    Story { machines, sessions }
}

struct Teller<'a> {
    random: &'a mut Random,
    machines: &'a [Machine],
    sessions: Vec<Session>,
}

impl Teller<'_> {
    fn ordinary_day(&mut self, day: Moment, weekday: i64) {
        let is_weekend = weekday >= 5;
        let count = if is_weekend { i64::from(self.random.chance(45)) } else { self.random.between(4, 8) };
        for _ in 0..count {
            let started = day.plus_millis(self.random.between(7 * 3_600_000, 17 * 3_600_000));
            self.ordinary(started);
        }
        if !is_weekend {
            // Every working night the pipeline migrates the staging database.
            let started = day.plus_millis(self.random.between(7_200_000, 7_500_000));
            let end = started.plus_millis(self.random.between(40_000, 600_000));
            let session = self.session(STAGING, DEPLOY, Kind::Command, started);
            self.sessions.push(Session { end: Some((end, Ending::Exit)), ..session });
        }
    }

    fn ordinary(&mut self, started: Moment) {
        let place = self.random.weighed(&[(38, PROD_US), (22, PROD_EU), (20, STAGING), (14, DATA_EU), (6, DATA_US)]);
        let kind = self.random.weighed(&[(78, Kind::Shell), (12, Kind::Port), (4, Kind::Ssh), (4, Kind::Command), (2, Kind::Ecs)]);
        let caller = *self.random.pick(&ENGINEERS);
        let mut session = self.session(place, caller, kind, started);
        match self.random.between(1, 100) {
            1 => session.end = Some((started.plus_millis(self.random.between(900, 1_600)), Ending::Failed)),
            // The AWS CLI without its plugin starts a session and ends it at once.
            2 | 3 => session.end = Some((started.plus_millis(self.random.between(700, 1_500)), Ending::Owner)),
            _ => self.live(&mut session),
        }
        self.sessions.push(session);
    }

    /// Gives an ordinary session its length, end and activity.
    fn live(&mut self, session: &mut Session) {
        let (low, high) =
            self.random.weighed(&[(22, (30, 300)), (31, (300, 900)), (27, (900, 3_600)), (12, (3_600, 10_800)), (2, (10_800, 14_000)), (6, (15_600, 32_400))]);
        let wanted = self.random.between(low * 1_000, high * 1_000);
        let ending = match session.kind {
            Kind::Shell | Kind::Ecs => self.random.weighed(&[(56, Ending::Exit), (20, Ending::Owner), (22, Ending::Idle), (2, Ending::Other(SECURITY))]),
            Kind::Command => Ending::Exit,
            Kind::Port | Kind::Ssh => Ending::Dropped,
        };
        let preferences = preferences_at(session.place, session.started);
        let last = session.started.plus_millis(wanted);
        let end = if ending == Ending::Idle { last.plus(preferences.idle * 60).plus_millis(self.random.between(11_000, 30_000)) } else { last };
        let cut = session.service_maximum().map(|minutes| session.started.plus(minutes * 60).plus_millis(self.random.between(4_000, 25_000)));
        session.end = Some(cut.filter(|cut| *cut < end).map_or((end, ending), |cut| (cut, Ending::Maximum)));
        session.uploaded = session.uploaded && !self.random.chance(3);
        self.work(session, last);
    }

    /// Output from the start to `last`, never silent for longer than any limit of idleness; the last of it at `last`.
    fn work(&mut self, session: &mut Session, last: Moment) {
        let until = session.end.map_or(last, |(end, _)| last.min(end.plus_millis(-300)));
        let step = (until.since(session.started) / 40).clamp(15, 560);
        let mut at = session.started.plus_millis(self.random.between(1_200, 3_500));
        while at < until {
            session.activity.push(at);
            at = at.plus_millis(self.random.between(step * 500, step * 1_400));
        }
        session.activity.push(until);
    }

    /// Output of what nobody waits for any more, a log that is followed or a script that tries again: now and then a line, so that the idle timeout
    /// of the place (for terminals 60 minutes, the most that there is) never cuts it; the policy's is broken all the same.
    fn linger(&mut self, session: &mut Session) {
        let end = session.end.map_or(LAST_SNAPSHOT, |(end, _)| end);
        let Some(mut at) = session.activity.last().copied() else { return };
        session.left_at = session.activity.len();
        loop {
            let (shortest, longest) = if session.kind == Kind::Command { (8, 17) } else { (20, 36) };
            at = at.plus_millis(self.random.between(shortest * 60_000, longest * 60_000));
            if end.since(at) < 20 * 60 {
                break;
            }
            session.activity.push(at);
        }
    }

    fn session(&mut self, place: Place, caller: Caller, kind: Kind, started: Moment) -> Session {
        let reachable: Vec<&Machine> = self.machines.iter().filter(|machine| machine.place == place && machine.agent == Agent::Online).collect();
        let machine = *self.random.pick(&reachable);
        let task = format!("{}_{}", self.random.text(super::random::HEX, 32), self.random.text(b"0123456789", 10));
        let document = match kind {
            Kind::Shell | Kind::Ecs => None,
            Kind::Command => Some("AWS-StartNonInteractiveCommand"),
            Kind::Port => Some("AWS-StartPortForwardingSession"),
            Kind::Ssh => Some("AWS-StartSSHSession"),
        };
        let name = if kind == Kind::Ecs { "ecs-execute-command" } else { caller.name };
        let reasons =
            [(60, None), (14, Some("deploy check")), (10, Some("INC-2207 slow checkout")), (10, Some("log rotation")), (6, Some("CHG-1190 kernel update"))];
        Session {
            id: format!("{name}-{}", self.random.text(LOWER, 26)),
            target: if kind == Kind::Ecs { format!("ecs:shop-{}_{task}", place.region) } else { machine.id.clone() },
            address: format!("{}.{}", self.random.pick(&["203.0.113", "198.51.100"]), self.random.between(2, 250)),
            reason: self.random.weighed(&reasons),
            place,
            caller,
            kind,
            document,
            started,
            end: None,
            disconnected: None,
            activity: Vec::new(),
            left_at: usize::MAX,
            uploaded: true,
        }
    }

    /// The sessions that the KPIs are about.
    fn remarkable(&mut self) {
        let at = Moment::at;
        // Forgotten terminals: a log was left to be followed, the limit of a whole day cut them.
        for (place, name, started, worked) in
            [(PROD_US, 3, at(2026, 4, 8, 9, 12), 88), (PROD_US, 7, at(2026, 4, 23, 14, 40), 51), (PROD_US, 1, at(2026, 5, 5, 16, 3), 140)]
        {
            let last = started.plus(worked * 60);
            let end = (started.plus(1_440 * 60).plus_millis(9_400), Ending::Maximum);
            self.remark(place, ENGINEERS[name], Kind::Shell, started, last, |session| session.end = Some(end));
        }
        // And one in Europe, where there was no limit at all before June: found by the security team on Tuesday.
        let end = (at(2026, 4, 28, 9, 31).plus_millis(22_310), Ending::Other(SECURITY));
        self.remark(PROD_EU, ENGINEERS[5], Kind::Shell, at(2026, 4, 24, 15, 20), at(2026, 4, 24, 16, 2), |session| session.end = Some(end));
        // Emergencies whose sessions were left open for days.
        for (place, started, worked, end, reason) in [
            (PROD_EU, at(2026, 4, 17, 21, 48), 75, at(2026, 4, 20, 7, 55), "INC-2198 gateway down"),
            (DATA_EU, at(2026, 6, 12, 18, 40), 130, at(2026, 6, 16, 8, 10), "INC-2291 warehouse full"),
        ] {
            let end = (end.plus_millis(14_270), Ending::Other(SECURITY));
            self.remark(place, BREAK_GLASS, Kind::Shell, started, started.plus(worked * 60), |session| {
                session.end = Some(end);
                session.reason = Some(reason);
                session.document = (place == DATA_EU).then_some(UNLIMITED_DOCUMENT);
            });
        }
        // One is open right now.
        self.remark(DATA_EU, BREAK_GLASS, Kind::Shell, at(2026, 6, 28, 20, 5), at(2026, 6, 28, 21, 26), |session| {
            session.reason = Some("INC-2304 replication stopped");
            session.document = Some(UNLIMITED_DOCUMENT);
        });
        // Deployment scripts that hung: nobody waits for their prompt.
        for (place, started, end) in [(STAGING, at(2026, 5, 1, 2, 4), at(2026, 5, 3, 11, 15)), (PROD_EU, at(2026, 5, 13, 2, 10), at(2026, 5, 15, 9, 30))] {
            let end = (end.plus_millis(41_800), Ending::Other(SECURITY));
            self.remark(place, DEPLOY, Kind::Command, started, started.plus(95), |session| session.end = Some(end));
        }
        // A lid was closed: the service still lists the session, the client is gone.
        let gone = at(2026, 6, 26, 16, 31);
        self.remark(DATA_EU, ENGINEERS[9], Kind::Port, at(2026, 6, 26, 15, 58), gone, |session| session.disconnected = Some(gone));
        // A migration ran for ten hours, with an exception in the policy.
        let started = at(2026, 6, 9, 6, 30);
        let last = started.plus(10 * 3_600 + 1_260);
        self.remark(DATA_EU, MIGRATION, Kind::Shell, started, last, |session| {
            session.end = Some((last, Ending::Exit));
            session.reason = Some("CHG-1234 partition move");
            session.document = Some(UNLIMITED_DOCUMENT);
        });
    }

    fn remark(&mut self, place: Place, caller: Caller, kind: Kind, started: Moment, last: Moment, tell: impl FnOnce(&mut Session)) {
        let mut session = self.session(place, caller, kind, started.plus_millis(317));
        tell(&mut session);
        if session.is_logged() {
            self.work(&mut session, last);
            self.linger(&mut session);
        }
        self.sessions.push(session);
    }
}
