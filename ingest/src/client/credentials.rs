//! Credentials of the AWS configuration, for the object store that the lake lies in.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use object_store::aws::AwsCredential;
use object_store::{CredentialProvider, Error, Result};
use tokio::sync::Mutex;

/// Credentials as the chain of the configuration gives them, kept until shortly before they expire.
#[derive(Debug)]
pub(super) struct Chain {
    provider: SharedCredentialsProvider,
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    credential: Arc<AwsCredential>,
    expires: Option<SystemTime>,
}

impl Chain {
    /// `None` where the configuration knows of no way to credentials.
    pub(super) fn of(config: &SdkConfig) -> Option<Self> {
        config.credentials_provider().map(|provider| Self { provider, kept: Mutex::new(None) })
    }
}

#[async_trait]
impl CredentialProvider for Chain {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> Result<Arc<AwsCredential>> {
        // Held while the chain is asked, so that many calls at once ask it once.
        let mut kept = self.kept.lock().await;
        if let Some(Kept { credential, expires }) = &*kept
            && expires.is_none_or(|at| SystemTime::now() + MARGIN < at)
        {
            return Ok(Arc::clone(credential));
        }
        let given: Credentials =
            self.provider.provide_credentials().await.map_err(|error| Error::Unauthenticated { path: String::new(), source: Box::new(error) })?;
        let credential = Arc::new(AwsCredential {
            key_id: given.access_key_id().to_owned(),
            secret_key: given.secret_access_key().to_owned(),
            token: given.session_token().map(str::to_owned),
        });
        *kept = Some(Kept { credential: Arc::clone(&credential), expires: given.expiry() });
        Ok(credential)
    }
}

/// How long before their end credentials are replaced.
const MARGIN: Duration = Duration::from_secs(300);
