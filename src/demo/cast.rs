//! Who and what takes part: machines with their tags, and callers with their roles.

use super::moment::Moment;
use super::place::{DATA_EU, DATA_US, PROD_EU, PROD_US, Place, STAGING};
use super::random::{HEX, Random};

/// Whether Session Manager can reach a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agent {
    Online,
    ConnectionLost,
    /// Never registered: `DescribeInstanceInformation` does not know it.
    Absent,
}

#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) tags: Vec<(&'static str, String)>,
    pub(super) agent: Agent,
    /// Machines outside of EC2 (`mi-…`) are listed by Systems Manager alone.
    pub(super) on_premises: bool,
    pub(super) launched: Moment,
    pub(super) address: String,
}

/// Role, and the name that the session ids and ARNs of its sessions carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) role: &'static str,
    pub(super) name: &'static str,
    pub(super) mfa: bool,
}

impl Caller {
    pub(super) fn arn(&self, account: &str) -> String {
        format!("arn:aws:sts::{account}:assumed-role/{}/{}", self.role, self.name)
    }
}

const ENGINEER_ROLE: &str = "AWSReservedSSO_Engineer_0f1e2d3c4b5a6978";

const fn engineer(name: &'static str) -> Caller {
    Caller { role: ENGINEER_ROLE, name, mfa: true }
}

pub(super) const ENGINEERS: [Caller; 11] = [
    engineer("ana.lima@example.com"),
    engineer("ben.okafor@example.com"),
    engineer("chidi.eze@example.com"),
    engineer("dana.kovac@example.com"),
    engineer("elif.aydin@example.com"),
    engineer("farid.rahimi@example.com"),
    engineer("greta.holm@example.com"),
    engineer("hugo.marin@example.com"),
    engineer("ines.duarte@example.com"),
    engineer("jonas.weber@example.com"),
    engineer("kaya.tanaka@example.com"),
];
pub(super) const BREAK_GLASS: Caller = Caller { role: "BreakGlassAdmin", name: "oncall-primary", mfa: true };
pub(super) const MIGRATION: Caller = Caller { role: "DbMigration", name: "ines.duarte@example.com", mfa: true };
pub(super) const DEPLOY: Caller = Caller { role: "ci-deploy", name: "pipeline-runner", mfa: false };
pub(super) const SECURITY: Caller = Caller { role: "SecurityOnCall", name: "lena.fischer@example.com", mfa: true };
/// Asks where they may not.
pub(super) const INTERN: Caller = Caller { role: "AWSReservedSSO_ReadOnly_8796a5b4c3d2e1f0", name: "milo.novak@example.com", mfa: true };

/// Count, name, value of `Environment`, owner and cost centre of a group of machines.
type Fleet = (Place, usize, &'static str, &'static str, &'static str, &'static str);

const FLEETS: [Fleet; 9] = [
    (PROD_US, 6, "checkout", "prod", "payments", "CC-1010"),
    (PROD_US, 5, "search", "production", "search", "CC-1020"),
    (PROD_US, 3, "ledger-db", "prod", "payments", "CC-1010"),
    (PROD_EU, 6, "checkout-eu", "prod", "payments", "CC-1010"),
    (PROD_EU, 4, "gateway-eu", "production", "platform", "CC-1001"),
    (STAGING, 8, "staging", "staging", "platform", "CC-1001"),
    (DATA_EU, 6, "warehouse", "analytics", "data-platform", "CC-2040"),
    (DATA_EU, 3, "plant-gateway", "", "", ""),
    (DATA_US, 2, "replica", "analytics", "data-platform", "CC-2040"),
];

/// Every machine of the estate.
pub(super) fn machines(random: &mut Random) -> Vec<Machine> {
    let mut machines = Vec::new();
    for (place, count, name, environment, owner, cost_center) in FLEETS {
        let on_premises = environment.is_empty();
        for number in 1..=count {
            let name = format!("{name}-{number:02}");
            let mut tags = vec![("Name", name.clone())];
            if !on_premises {
                tags.push(("Environment", environment.to_owned()));
                tags.push(("CostCenter", cost_center.to_owned()));
            }
            // One machine in the estate was set up by hand, and nobody says whose it is.
            if !on_premises && name != "gateway-eu-04" {
                tags.push(("Owner", owner.to_owned()));
            }
            let agent = match name.as_str() {
                "search-05" | "warehouse-06" => Agent::Absent,
                "checkout-eu-06" => Agent::ConnectionLost,
                _ => Agent::Online,
            };
            let id = format!("{}-0{}", if on_premises { "mi" } else { "i" }, random.text(HEX, 16));
            let launched = Moment::at(2025, 10, 6, 9, 0).plus(random.between(0, 100 * 86_400));
            let address = format!("10.{}.{}.{}", random.between(0, 63), random.between(0, 255), random.between(4, 250));
            machines.push(Machine { id, place, name, tags, agent, on_premises, launched, address });
        }
    }
    machines
}
