//! The fleet: instances of EC2, and nodes that Systems Manager manages.

use std::collections::BTreeMap;

use schemas::{Code, Instance, Listed};

use super::filled;
use super::instant::instant;
use crate::decode::{AnswerFile, Docket, Fact, Json};

/// The instances of a `DescribeInstances` answer; how many it names. `None` where it is no such answer.
pub(super) fn instances(file: &AnswerFile<'_>, docket: &mut Docket<'_>) -> Option<i64> {
    let mut named = 0;
    for (index, reservation) in file.json.get("Reservations")?.items()?.iter().enumerate() {
        let Some(instances) = reservation.get("Instances").and_then(Json::items) else {
            docket.refuse(format!("Reservations[{index}].Instances"), Code::FieldInvalid, "not a list of instances");
            continue;
        };
        for (number, json) in instances.iter().enumerate() {
            let place = format!("Reservations[{index}].Instances[{number}]");
            let Some(mut instance) = blank(file, json, Listed::Ec2, &place, docket) else { continue };
            named += 1;
            instance.state = filled(json, &["State", "Name"]);
            instance.tags = tags(json, &place, docket);
            instance.platform = filled(json, &["PlatformDetails"]).or_else(|| filled(json, &["Platform"]));
            docket.fact(Fact::Instance(instance));
        }
    }
    Some(named)
}

/// The nodes of a `DescribeInstanceInformation` answer, likewise.
pub(super) fn nodes(file: &AnswerFile<'_>, docket: &mut Docket<'_>) -> Option<i64> {
    let mut named = 0;
    for (index, json) in file.json.get("InstanceInformationList")?.items()?.iter().enumerate() {
        let place = format!("InstanceInformationList[{index}]");
        let Some(mut node) = blank(file, json, Listed::Ssm, &place, docket) else { continue };
        named += 1;
        node.ping_status = filled(json, &["PingStatus"]);
        node.last_ping_at = instant(json, "LastPingDateTime", &place, docket);
        node.agent_version = filled(json, &["AgentVersion"]);
        node.platform = filled(json, &["PlatformType"]);
        docket.fact(Fact::Instance(node));
    }
    Some(named)
}

fn blank(file: &AnswerFile<'_>, json: &Json<'_>, listed_by: Listed, place: &str, docket: &mut Docket<'_>) -> Option<Instance> {
    if let Some(key) = json.duplicate_key() {
        docket.refuse(place, Code::JsonDuplicateKey, format!("the key {key:?} stands twice"));
        return None;
    }
    let Some(instance_id) = filled(json, &["InstanceId"]) else {
        docket.refuse(format!("{place}.InstanceId"), Code::FieldInvalid, "an instance without an id");
        return None;
    };
    Some(Instance {
        account_id: file.snapshot.account_id.to_owned(),
        region: file.snapshot.region.to_owned(),
        observed_at: file.snapshot.observed_at,
        instance_id,
        listed_by,
        state: None,
        tags: None,
        ping_status: None,
        last_ping_at: None,
        agent_version: None,
        platform: None,
        source: docket.object.source.clone(),
        object: docket.object.key.clone(),
    })
}

/// The tags as a JSON object with sorted keys; an answer without `Tags` says that there are none.
fn tags(instance: &Json<'_>, place: &str, docket: &mut Docket<'_>) -> Option<String> {
    let mut tags = BTreeMap::new();
    match instance.get("Tags") {
        None | Some(Json::Null) => {}
        Some(Json::Array(items)) => {
            for (index, tag) in items.iter().enumerate() {
                match (tag.get("Key").and_then(Json::text), tag.get("Value").and_then(Json::text)) {
                    (Some(key), Some(value)) => drop(tags.insert(key, value)),
                    _ => docket.refuse(format!("{place}.Tags[{index}]"), Code::FieldInvalid, "not a key and a value"),
                }
            }
        }
        Some(_) => docket.refuse(format!("{place}.Tags"), Code::FieldInvalid, "not a list of tags"),
    }
    serde_json::to_string(&tags).ok()
}
