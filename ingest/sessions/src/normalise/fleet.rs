//! The fleet: instances of EC2, and nodes that Systems Manager manages.

use std::collections::BTreeMap;

use schemas::{Code, Instance, Listed};

use super::answer::Named;
use super::instant::instant;
use super::{FIELD_CAP, filled};
use crate::decode::{AnswerFile, Docket, Fact, Json, join};

/// The instances of a `DescribeInstances` answer. `None` where it is no such answer.
pub(super) fn instances(file: &AnswerFile<'_>, docket: &mut Docket<'_>) -> Option<Named> {
    let mut named = Named::default();
    for (index, reservation) in file.json.get("Reservations")?.items()?.iter().enumerate() {
        if let Some(key) = reservation.own_duplicate_key() {
            named.refused += 1;
            docket.refuse_duplicate(format!("Reservations[{index}]"), key);
            continue;
        }
        let Some(instances) = reservation.get("Instances").and_then(Json::items) else {
            named.refused += 1;
            docket.refuse(format!("Reservations[{index}].Instances"), Code::FieldInvalid, "not a list of instances");
            continue;
        };
        for (number, json) in instances.iter().enumerate() {
            let place = format!("Reservations[{index}].Instances[{number}]");
            let Some(mut instance) = blank(file, json, Listed::Ec2, &place, docket) else {
                named.refused += 1;
                continue;
            };
            named.items += 1;
            instance.state = short(json, &["State", "Name"], &place, docket);
            instance.tags = tags(json, &place, docket);
            instance.platform = short(json, &["PlatformDetails"], &place, docket).or_else(|| short(json, &["Platform"], &place, docket));
            docket.fact(Fact::Instance(instance));
        }
    }
    Some(named)
}

/// The nodes of a `DescribeInstanceInformation` answer, likewise.
pub(super) fn nodes(file: &AnswerFile<'_>, docket: &mut Docket<'_>) -> Option<Named> {
    let mut named = Named::default();
    for (index, json) in file.json.get("InstanceInformationList")?.items()?.iter().enumerate() {
        let place = format!("InstanceInformationList[{index}]");
        let Some(mut node) = blank(file, json, Listed::Ssm, &place, docket) else {
            named.refused += 1;
            continue;
        };
        named.items += 1;
        node.ping_status = short(json, &["PingStatus"], &place, docket);
        node.last_ping_at = instant(json, "LastPingDateTime", &place, docket);
        node.agent_version = short(json, &["AgentVersion"], &place, docket);
        node.platform = short(json, &["PlatformType"], &place, docket);
        docket.fact(Fact::Instance(node));
    }
    Some(named)
}

fn blank(file: &AnswerFile<'_>, json: &Json<'_>, listed_by: Listed, place: &str, docket: &mut Docket<'_>) -> Option<Instance> {
    if let Some(key) = json.duplicate_key() {
        docket.refuse_duplicate(place, key);
        return None;
    }
    let Some(instance_id) = filled(json, &["InstanceId"]).filter(|id| id.len() <= FIELD_CAP) else {
        docket.refuse(join(place, "InstanceId"), Code::FieldInvalid, "an instance without an id");
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

/// The text at the end of a path, where it is no longer than a field can be.
fn short(json: &Json<'_>, path: &[&str], place: &str, docket: &mut Docket<'_>) -> Option<String> {
    let text = json.filled(path)?;
    if text.len() > FIELD_CAP {
        docket.refuse_size(join(place, &path.join(".")), "a field", FIELD_CAP);
        return None;
    }
    Some(text.to_owned())
}

/// The tags as a JSON object with sorted keys; an answer without `Tags` says that there are none. Of a tag that stands twice nobody can
/// tell what it says, so it is left out.
fn tags(instance: &Json<'_>, place: &str, docket: &mut Docket<'_>) -> Option<String> {
    let mut tags = BTreeMap::new();
    match instance.get("Tags") {
        None | Some(Json::Null) => {}
        Some(Json::Array(items)) => {
            for (index, tag) in items.iter().enumerate() {
                let place = format!("{place}.Tags[{index}]");
                match (tag.get("Key").and_then(Json::text), tag.get("Value").and_then(Json::text)) {
                    (Some(key), Some(value)) if key.len().max(value.len()) > FIELD_CAP => docket.refuse_size(place, "a tag", FIELD_CAP),
                    (Some(key), Some(_)) if tags.contains_key(key) => {
                        tags.insert(key, None);
                        docket.refuse_duplicate(place, key);
                    }
                    (Some(key), Some(value)) => drop(tags.insert(key, Some(value))),
                    _ => docket.refuse(place, Code::FieldInvalid, "not a key and a value"),
                }
            }
            tags.retain(|_, value| value.is_some());
        }
        Some(_) => docket.refuse(join(place, "Tags"), Code::FieldInvalid, "not a list of tags"),
    }
    serde_json::to_string(&tags).ok()
}
