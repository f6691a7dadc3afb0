//! One region of an account: its clients, and each call that is made there.

use aws_config::SdkConfig;
use aws_sdk_ec2::error::SdkError;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_ssm::config::retry::RetryPartition;
use aws_sdk_ssm::types::{DocumentKeyValuesFilter, SessionState};
use serde_json::{Map, Value};

use super::failure::{Failure, failed};
use super::page::{Frame, Page, frame};
use super::shape::Cli;
use super::told::{self, Witness};
use crate::source::ErrorKind;
use crate::source::pace::Pace;
use crate::source::s3::home;

pub(super) const SESSIONS: Frame = frame("Sessions");
pub(super) const RESERVATIONS: Frame = frame("Reservations");
pub(super) const NODES: Frame = frame("InstanceInformationList");
pub(super) const DOCUMENTS: Frame = frame("DocumentIdentifiers");
pub(super) const LOG_GROUPS: Frame = Frame { list: "logGroups", token: "nextToken" };

/// A region as it is reached.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) name: String,
    sts: aws_sdk_sts::Client,
    ssm: aws_sdk_ssm::Client,
    ec2: aws_sdk_ec2::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    s3: aws_sdk_s3::Client,
    /// Of calls about documents, of which there is one for each version.
    pace: Pace,
}

impl Region {
    pub(super) fn new(source: &str, name: String, config: &SdkConfig, calls_per_second: f64) -> Self {
        // Who is throttled slows down, and nobody else: by itself a client shares its patience with all others of its service and region.
        let alone = |service: &str| RetryPartition::new(format!("{service}-{name}-{source}"));
        let mut s3 = aws_sdk_s3::config::Builder::from(config).retry_partition(alone("s3"));
        if config.endpoint_url().is_some() {
            // Other stores than AWS's know no names of buckets in names of hosts.
            s3 = s3.force_path_style(true);
        }
        Self {
            sts: aws_sdk_sts::Client::from_conf(aws_sdk_sts::config::Builder::from(config).retry_partition(alone("sts")).build()),
            ssm: aws_sdk_ssm::Client::from_conf(aws_sdk_ssm::config::Builder::from(config).retry_partition(alone("ssm")).build()),
            ec2: aws_sdk_ec2::Client::from_conf(aws_sdk_ec2::config::Builder::from(config).retry_partition(alone("ec2")).build()),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(aws_sdk_cloudwatchlogs::config::Builder::from(config).retry_partition(alone("logs")).build()),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            pace: Pace::new(calls_per_second),
            name,
        }
    }

    /// The account that the credentials are of.
    pub(super) async fn account(&self) -> Result<String, Failure> {
        let identity = self.sts.get_caller_identity().send().await.map_err(failed)?;
        identity.account.ok_or_else(|| Failure::new(ErrorKind::Corrupt, "the service does not say whose the credentials are"))
    }

    pub(super) async fn sessions(&self, state: SessionState, token: Option<String>) -> Result<Page, Failure> {
        let (witness, call) = (Witness::default(), self.ssm.describe_sessions().state(state).max_results(200).set_next_token(token));
        call.customize().interceptor(witness.clone()).send().await.map_err(failed)?;
        Page::of(&witness.body(), SESSIONS)
    }

    pub(super) async fn instances(&self, token: Option<String>) -> Result<Page, Failure> {
        let answer = self.ec2.describe_instances().max_results(1_000).set_next_token(token).send().await.map_err(failed)?;
        Page::new(answer.reservations.unwrap_or_default().iter().map(Cli), answer.next_token)
    }

    pub(super) async fn nodes(&self, token: Option<String>) -> Result<Page, Failure> {
        let (witness, call) = (Witness::default(), self.ssm.describe_instance_information().max_results(50).set_next_token(token));
        call.customize().interceptor(witness.clone()).send().await.map_err(failed)?;
        Page::of(&witness.body(), NODES)
    }

    /// The Session documents of the account itself.
    pub(super) async fn documents(&self, token: Option<String>) -> Result<Page, Failure> {
        let filter = |key: &str, value: &str| DocumentKeyValuesFilter::builder().key(key).values(value).build();
        let call = self.ssm.list_documents().filters(filter("Owner", "Self")).filters(filter("DocumentType", "Session"));
        let (witness, call) = (Witness::default(), call.max_results(50).set_next_token(token));
        self.pace.wait().await;
        call.customize().interceptor(witness.clone()).send().await.map_err(failed)?;
        Page::of(&witness.body(), DOCUMENTS)
    }

    /// Versions of a document, and where the next page of them begins.
    pub(super) async fn versions(&self, document: &str, token: Option<&str>) -> Result<(Vec<String>, Option<String>), Failure> {
        self.pace.wait().await;
        let call = self.ssm.list_document_versions().name(document).max_results(50).set_next_token(token.map(str::to_owned));
        let answer = call.send().await.map_err(failed)?;
        let versions = answer.document_versions.unwrap_or_default().into_iter().filter_map(|version| version.document_version);
        Ok((versions.collect(), answer.next_token.filter(|token| !token.is_empty())))
    }

    pub(super) async fn document(&self, name: &str) -> Result<Value, Failure> {
        self.pace.wait().await;
        let witness = Witness::default();
        self.ssm.describe_document().name(name).customize().interceptor(witness.clone()).send().await.map_err(failed)?;
        told::answer(&witness.body())
    }

    pub(super) async fn content(&self, name: &str, version: &str) -> Result<Value, Failure> {
        self.pace.wait().await;
        let (witness, call) = (Witness::default(), self.ssm.get_document().name(name).document_version(version));
        call.customize().interceptor(witness.clone()).send().await.map_err(failed)?;
        told::answer(&witness.body())
    }

    /// The log groups whose names begin so.
    pub(super) async fn log_groups(&self, prefix: &str, token: Option<String>) -> Result<Page, Failure> {
        let (witness, call) = (Witness::default(), self.logs.describe_log_groups().log_group_name_prefix(prefix).limit(50).set_next_token(token));
        call.customize().interceptor(witness.clone()).send().await.map_err(failed)?;
        Page::of(&witness.body(), LOG_GROUPS)
    }

    /// What `GetBucketVersioning` says; an object without a member where versioning was never set.
    pub(super) async fn versioning(&self, bucket: &str) -> Result<Value, Failure> {
        let answer = self.answered(|client| client.get_bucket_versioning().bucket(bucket).send()).await.map_err(failed)?;
        let members = [("Status", answer.status.as_ref().map(|word| word.as_str())), ("MFADelete", answer.mfa_delete.as_ref().map(|word| word.as_str()))];
        Ok(members.into_iter().filter_map(|(name, word)| Some((name.to_owned(), Value::from(word?)))).collect::<Map<_, _>>().into())
    }

    /// Likewise of `GetBucketEncryption`.
    pub(super) async fn encryption(&self, bucket: &str) -> Result<Value, Failure> {
        let answer = self.answered(|client| client.get_bucket_encryption().bucket(bucket).send()).await;
        let answer = given(answer, "ServerSideEncryptionConfigurationNotFoundError")?;
        member("ServerSideEncryptionConfiguration", answer.and_then(|answer| answer.server_side_encryption_configuration).as_ref().map(Cli))
    }

    /// Likewise of `GetObjectLockConfiguration`.
    pub(super) async fn object_lock(&self, bucket: &str) -> Result<Value, Failure> {
        let answer = self.answered(|client| client.get_object_lock_configuration().bucket(bucket).send()).await;
        let answer = given(answer, "ObjectLockConfigurationNotFoundError")?;
        member("ObjectLockConfiguration", answer.and_then(|answer| answer.object_lock_configuration).as_ref().map(Cli))
    }

    /// Asks of a bucket; where it lies in another region, there.
    async fn answered<T, E, F>(&self, ask: impl Fn(aws_sdk_s3::Client) -> F) -> Result<T, SdkError<E>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        let answer = ask(self.s3.clone()).await;
        let Some(region) = answer.as_ref().err().and_then(SdkError::raw_response).and_then(home) else { return answer };
        let config = self.s3.config();
        if config.region() == Some(&region) {
            return answer;
        }
        // For this call alone: where the next bucket lies is its own affair, and that region may be out of reach.
        let moved = aws_sdk_s3::Client::from_conf(config.to_builder().region(region).build());
        ask(moved).await
    }
}

/// An answer; `None` where the refusal with this code says that there is nothing to be told.
fn given<T, E>(answer: Result<T, SdkError<E>>, none: &str) -> Result<Option<T>, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code() == Some(none) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// An answer with this member, or without any.
fn member(name: &str, value: Option<impl serde::Serialize>) -> Result<Value, Failure> {
    let value = value.map(serde_json::to_value).transpose().map_err(|error| Failure::unkept(error.into()))?;
    Ok(value.into_iter().map(|value| (name.to_owned(), value)).collect::<Map<_, _>>().into())
}
