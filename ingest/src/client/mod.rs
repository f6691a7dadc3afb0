//! How AWS is reached: one place where profiles, roles, regions, endpoints, retries and patience are settled for every client.
//!
//! In comes an [`Access`], which a configuration holds; out goes an [`SdkConfig`] that every AWS client is made from, and for the lake an
//! object store. Nothing here speaks to AWS before somebody asks the first question.

mod credentials;
mod store;

use std::time::Duration;

pub use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_sdk_s3::config::SharedCredentialsProvider;

pub use store::{StoreError, bucket_store};

/// How AWS is reached; what is not said is as the AWS CLI has it: the environment, then the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Profile of the AWS configuration.
    pub profile: Option<String>,
    /// Role to assume, with the credentials of the profile or of the environment.
    pub role_arn: Option<String>,
    /// What that role asks for.
    pub external_id: Option<String>,
    /// Another address of the service itself. The role is assumed at the address that `AWS_ENDPOINT_URL_STS` names, else at the region's own.
    pub endpoint_url: Option<String>,
    /// The region of the service.
    pub region: Option<String>,
}

/// What every client of a source is made from. Our own calls show in CloudTrail under the application's name, and where a role is assumed in
/// a session named [`session_name`].
pub async fn connect(access: &Access, source_name: &str) -> SdkConfig {
    let region = region(access).await.unwrap_or_else(|| Region::from_static(FALLBACK_REGION));
    let config = load(access, &region, access.endpoint_url.as_deref()).await;
    let Some(role_arn) = &access.role_arn else { return config };
    let base = load(access, &region, None).await;
    let mut role = AssumeRoleProvider::builder(role_arn).session_name(session_name(source_name)).region(region).configure(&base);
    if let Some(external_id) = &access.external_id {
        role = role.external_id(external_id);
    }
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(role.build().await)).build()
}

async fn load(access: &Access, region: &Region, endpoint_url: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region.clone())
        .retry_config(RetryConfig::adaptive().with_max_attempts(ATTEMPTS))
        .timeout_config(patience())
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(STALLED).build());
    if let Ok(name) = AppName::new(APP_NAME) {
        loader = loader.app_name(name);
    }
    if let Some(endpoint_url) = endpoint_url {
        loader = loader.endpoint_url(endpoint_url);
    }
    if let Some(profile) = &access.profile {
        // A named profile is what was asked for: keys that happen to stand in the environment must not win over it.
        let provider = ProviderConfig::without_region().with_region(Some(region.clone()));
        let named = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&provider).build();
        loader = loader.profile_name(profile).credentials_provider(named);
    }
    loader.load().await
}

/// The name of the session of an assumed role: `sessiontrail-<source>`, in the characters and the length that STS takes.
#[must_use]
pub fn session_name(source_name: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || "_=,.@-".contains(c) { c } else { '-' };
    format!("{APP_NAME}-{source_name}").chars().map(fits).take(SESSION_NAME_LENGTH).collect()
}

/// The region that the configuration, the environment or the profile names. The instance's own is not asked for: off EC2 that question takes
/// seconds to stay without an answer.
async fn region(access: &Access) -> Option<Region> {
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &access.profile {
        profile = profile.profile_name(name);
    }
    let said = access.region.clone().map(Region::new);
    RegionProviderChain::first_try(said).or_else(EnvironmentVariableRegionProvider::new()).or_else(profile.build()).region().await
}

/// A call that waits longer than this waits for nobody: it is tried again.
fn patience() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).operation_attempt_timeout(ATTEMPT).build()
}

const APP_NAME: &str = "sessiontrail";
/// STS takes 2 to 64 characters.
const SESSION_NAME_LENGTH: usize = 64;
/// Where no region is named: any region tells where a bucket lies, and then that one is asked.
const FALLBACK_REGION: &str = "us-east-1";
/// A call and its repetitions.
const ATTEMPTS: u32 = 8;
const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(20);
const ATTEMPT: Duration = Duration::from_secs(40);
/// For how long no byte of a body may arrive before the reading of it is begun again.
const STALLED: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_named_in_what_sts_takes() {
        assert_eq!(session_name("prod-trail"), "sessiontrail-prod-trail");
        assert_eq!(session_name("prod trail/eu:1 \u{fc}"), "sessiontrail-prod-trail-eu-1--");
        assert_eq!(session_name(&"x".repeat(100)).len(), 64);
    }

    #[tokio::test]
    async fn the_endpoint_and_the_region_are_the_configured_ones() {
        let access = Access { endpoint_url: Some("http://127.0.0.1:9".to_owned()), region: Some("eu-west-1".to_owned()), ..Access::default() };
        let config = connect(&access, "a").await;
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:9"));
        assert_eq!(config.region().map(Region::as_ref), Some("eu-west-1"));
        assert_eq!(config.app_name().map(AsRef::as_ref), Some("sessiontrail"));
    }
}
