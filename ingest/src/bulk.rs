//! How much memory a row takes as a value, roughly: the size of the value and of the texts that can be long.
//!
//! What is in flight is bounded by bytes as well as by number, and it is the texts from the evidence that decide. A field that is
//! forgotten here makes the bound a little looser and nothing else.

use schemas::{Event, Instance, Observation, Preference, Reject};
use sessions::decode::Fact;
use sessions::rows::RejectRow;

/// Something whose memory is counted.
pub(crate) trait Bulk: Sized {
    /// Bytes of all its texts.
    fn text_bytes(&self) -> usize;

    /// Bytes in all, roughly.
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.text_bytes()
    }
}

impl Bulk for Event {
    fn text_bytes(&self) -> usize {
        let optional = [
            &self.session_id,
            &self.account_id,
            &self.region,
            &self.target_id,
            &self.document_name,
            &self.document_version,
            &self.principal_arn,
            &self.reason,
            &self.source_ip,
            &self.run_as_user,
            &self.access_type,
            &self.service_status,
            &self.content_id,
            &self.event_name,
            &self.event_source,
            &self.error_code,
            &self.error_message,
            &self.user_agent,
            &self.source_account_id,
            &self.source_region,
        ];
        options(&optional) + texts(&[&self.event_id, &self.source, &self.object, &self.object_version, &self.sha256])
    }
}

impl Bulk for Observation {
    fn text_bytes(&self) -> usize {
        options(&[&self.subject, &self.detail]) + texts(&[&self.account_id, &self.region, &self.source, &self.object, &self.sha256])
    }
}

impl Bulk for Instance {
    fn text_bytes(&self) -> usize {
        let optional = [&self.state, &self.tags, &self.ping_status, &self.agent_version, &self.platform];
        options(&optional) + texts(&[&self.account_id, &self.region, &self.instance_id, &self.source, &self.object])
    }
}

impl Bulk for Preference {
    fn text_bytes(&self) -> usize {
        // Every other text of it is a part of the document.
        2 * self.content.len() + texts(&[&self.account_id, &self.region, &self.document_name, &self.source, &self.object])
    }
}

impl Bulk for Reject {
    fn text_bytes(&self) -> usize {
        texts(&[&self.source, &self.object, &self.at, &self.detail])
    }
}

impl Bulk for RejectRow {
    fn text_bytes(&self) -> usize {
        self.reject.text_bytes() + self.object_version.len()
    }
}

impl Bulk for Fact {
    fn text_bytes(&self) -> usize {
        match self {
            Self::Event(event) => event.bytes(),
            Self::Observation(observation) => observation.text_bytes(),
            Self::Instance(instance) => instance.text_bytes(),
            Self::Preference(preference) => preference.bytes(),
        }
    }
}

fn texts(texts: &[&String]) -> usize {
    texts.iter().map(|text| text.len()).sum()
}

fn options(texts: &[&Option<String>]) -> usize {
    texts.iter().map(|text| text.as_ref().map_or(0, String::len)).sum()
}
