//! `instances`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// The fleet: one row per instance or managed node and answer that names it, by observation.
pub const INSTANCES: Table = Table {
    name: "instances",
    doc: "The fleet: one row per instance or managed node and answer that names it, by observation.",
    columns: &[
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("observed_at", Instant, "When it was asked: the time of the snapshot."),
        Column::required("instance_id", Text, "i-… or mi-…."),
        Column::required("listed_by", Text, "ec2 (DescribeInstances) or ssm (DescribeInstanceInformation)."),
        Column::optional("state", Text, "EC2: name of the state, such as running."),
        Column::optional("tags", Text, "EC2: the tags as a JSON object with sorted keys; {} where it has none."),
        Column::optional("ping_status", Text, "Systems Manager: Online, ConnectionLost or Inactive."),
        Column::optional("last_ping_at", Instant, "Systems Manager: when the node was last heard of."),
        Column::optional("agent_version", Text, "Systems Manager: version of the agent."),
        Column::optional("platform", Text, "Platform, as the answer says it."),
        Column::required("source", Text, "Name of the configured source."),
        Column::required("object", Text, "Key of the object within the source."),
    ],
};
