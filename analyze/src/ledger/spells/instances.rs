//! The fleet by spells: tier, limits, owner, and whether Systems Manager manages the instance.

use std::collections::{BTreeMap, BTreeSet};

use policy::{Limits, Policy, Subject};
use schemas::Timestamp;

use super::{Spell, State, Watches};
use crate::ledger::coverage::Roster;
use crate::ledger::fleet::Tags;
use crate::ledger::preferences::Snapshot;

/// An instance that coverage counts, as an observation shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ledger) struct Instance {
    pub(in crate::ledger) tier: Option<String>,
    pub(in crate::ledger) limits: Limits,
    /// Whether it is registered and online; `None` where no observation has told.
    pub(in crate::ledger) managed: Option<bool>,
    pub(in crate::ledger) owner: Option<String>,
}

impl State for Instance {
    fn or_as(self, before: &Self) -> Self {
        Self { managed: self.managed.or(before.managed), ..self }
    }
}

/// Watches the fleet, snapshot by snapshot: those of an account-region by time.
#[derive(Debug)]
pub(in crate::ledger) struct Instances<'p> {
    policy: &'p Policy,
    /// The snapshots that hold a whole answer about managed nodes.
    nodes_answered: BTreeSet<Snapshot>,
    watches: Watches<Instance>,
}

impl<'p> Instances<'p> {
    pub(in crate::ledger) fn new(policy: &'p Policy, nodes_answered: BTreeSet<Snapshot>) -> Self {
        Self { policy, nodes_answered, watches: Watches::new() }
    }

    /// Looks at a snapshot that holds a whole answer about instances.
    pub(in crate::ledger) fn observe(&mut self, snapshot: &Snapshot, roster: &Roster) {
        let (account_id, region, at) = snapshot;
        let nodes_answered = self.nodes_answered.contains(snapshot);
        let seen: BTreeMap<String, Instance> = roster
            .counted()
            .into_iter()
            // What an answer that broke off names of the nodes is not all there is: none of them can be told.
            .filter(|(id, _)| nodes_answered || !is_node(id))
            .map(|(id, tags)| (id.clone(), self.instance(account_id, region, *at, id, tags.map(String::as_str), roster, nodes_answered)))
            .collect();
        self.watches.of(account_id, region).observe(*at, seen, |id| !nodes_answered && is_node(id));
    }

    #[expect(clippy::too_many_arguments, reason = "one instance of one roster of one snapshot")]
    fn instance(&self, account_id: &str, region: &str, at: Timestamp, id: &str, tags: Option<&str>, roster: &Roster, nodes_answered: bool) -> Instance {
        let tags = tags.map(Tags::parse);
        let subject = Subject {
            principal_arn: None,
            account_id: Some(account_id),
            region: Some(region),
            target_id: Some(id),
            document_name: None,
            tags: tags.as_ref().map(|tags| &tags.map),
        };
        let ruling = self.policy.rule_instance(&subject, at);
        Instance {
            tier: ruling.as_ref().map(|ruling| ruling.tier.to_owned()),
            limits: ruling.map(|ruling| ruling.limits).unwrap_or_default(),
            managed: nodes_answered.then(|| roster.is_online(id)),
            owner: tags.and_then(|mut tags| tags.map.remove(&self.policy.tag_names().owner)).filter(|owner| !owner.is_empty()),
        }
    }

    pub(in crate::ledger) fn finish(self) -> Vec<Spell<Instance>> {
        self.watches.finish()
    }
}

/// A managed node that is no EC2 instance: only Systems Manager names it.
fn is_node(id: &str) -> bool {
    id.starts_with("mi-")
}
