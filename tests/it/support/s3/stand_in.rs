//! An S3 in memory with what the emulators leave out: conditions that hold while nobody else does anything, versions, checksums, locks, denials;
//! and with faults where a test wants them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::faults::{Call, Fault, Plan, What};
use super::line::{FATE, body, fate};
use super::listing::{listed, newest};
use super::shelf::{Kept, Shelf, State, Upload, names};
use super::{ROLE_KEY, Server};

/// The S3; clones are one and the same.
#[derive(Clone, Default)]
pub struct StandIn {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    buckets: Mutex<BTreeMap<String, Shelf>>,
    plan: Plan,
    /// Beginnings of keys that may not be read.
    unreadable: Mutex<Vec<String>>,
    /// Beginnings of prefixes that may not be listed.
    unlistable: Mutex<Vec<String>>,
    /// Whether only the role of the suite may do anything.
    is_for_role: Mutex<bool>,
    /// The region that its buckets lie in; every region will do where it is not said.
    region: Mutex<Option<String>>,
    /// What stale listings show.
    remembered: Mutex<BTreeMap<String, Vec<(String, Kept)>>>,
}

impl StandIn {
    /// With one bucket.
    pub fn with_bucket(bucket: &str) -> Self {
        let stand_in = Self::default();
        held(&stand_in.inner.buckets).insert(bucket.to_owned(), Shelf::default());
        stand_in
    }

    /// The same, whose bucket keeps every version.
    pub fn with_versions(bucket: &str) -> Self {
        let stand_in = Self::with_bucket(bucket);
        held(&stand_in.inner.buckets).entry(bucket.to_owned()).or_default().has_versions = true;
        stand_in
    }

    /// Listens.
    pub fn serve(&self) -> Server {
        Server::of(self.clone())
    }

    /// Stores an object, past all faults.
    pub fn plant(&self, bucket: &str, key: &str, kept: Kept) {
        held(&self.inner.buckets).entry(bucket.to_owned()).or_default().put(key, kept, None, None).expect("no condition, no refusal");
    }

    /// The newest version of an object, past all faults.
    pub fn kept(&self, bucket: &str, key: &str) -> Option<Kept> {
        held(&self.inner.buckets).get(bucket)?.newest(key).ok().cloned()
    }

    /// Removes an object, past all faults.
    pub fn remove(&self, bucket: &str, key: &str) {
        held(&self.inner.buckets).entry(bucket.to_owned()).or_default().keys.remove(key);
    }

    /// Every key of a bucket, in order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        held(&self.inner.buckets).get(bucket).map(|shelf| shelf.keys.keys().cloned().collect()).unwrap_or_default()
    }

    /// Everything that it holds.
    pub fn state(&self) -> State {
        State(held(&self.inner.buckets).clone())
    }

    /// Holds what it held at another moment, and nothing else.
    pub fn restore(&self, state: &State) {
        held(&self.inner.buckets).clone_from(&state.0);
    }

    /// Denies the reading of keys that begin so.
    pub fn deny_reading(&self, beginning: &str) {
        held(&self.inner.unreadable).push(beginning.to_owned());
    }

    /// Denies listings of prefixes that begin so.
    pub fn deny_listing(&self, beginning: &str) {
        held(&self.inner.unlistable).push(beginning.to_owned());
    }

    /// Denies nothing any more.
    pub fn allow_everything(&self) {
        held(&self.inner.unreadable).clear();
        held(&self.inner.unlistable).clear();
    }

    /// Lets nobody in but who has assumed the role.
    pub fn only_for_role(&self) {
        *held(&self.inner.is_for_role) = true;
    }

    /// Says of its buckets that they lie in a region; who asks in another is sent there.
    pub fn lies_in(&self, region: &str) {
        *held(&self.inner.region) = Some(region.to_owned());
    }

    /// Replaces the plan of faults.
    pub fn faults(&self, faults: Vec<Fault>) {
        self.inner.plan.set(faults);
    }

    /// From now on stale listings show what there is at this moment.
    pub fn remember(&self) {
        let now = held(&self.inner.buckets).iter().map(|(name, shelf)| (name.clone(), newest(shelf, "", ""))).collect();
        *held(&self.inner.remembered) = now;
    }

    /// How many calls have been held since the plan of faults was made.
    pub fn waiting(&self) -> usize {
        self.inner.plan.waiting()
    }

    /// Every call since somebody asked last: which, and of which key or prefix.
    pub fn calls(&self) -> Vec<(Call, String)> {
        self.inner.plan.calls()
    }

    /// Notes a call, refuses it or waits where that is due, and gives what else is to happen.
    async fn meet(&self, call: Call, key: &str, asker: Asker) -> S3Result<Option<What>> {
        if *held(&self.inner.is_for_role) && asker.access_key.as_deref() != Some(ROLE_KEY) {
            return Err(denied());
        }
        if let Some(home) = held(&self.inner.region).as_deref()
            && asker.region.as_deref() != Some(home)
        {
            let mut elsewhere = s3_error!(PermanentRedirect, "The bucket you are attempting to access must be addressed using the specified endpoint.");
            let home = home.parse().expect("a region is a header's value");
            elsewhere.set_headers([(hyper::header::HeaderName::from_static("x-amz-bucket-region"), home)].into_iter().collect());
            return Err(elsewhere);
        }
        match self.inner.plan.meets(call, key) {
            Some(What::SlowDown) => Err(s3_error!(SlowDown, "Please reduce your request rate.")),
            Some(What::Fails) => Err(failed()),
            Some(What::HeldBefore) => {
                self.inner.plan.is_replaced().await;
                Err(failed())
            }
            Some(What::Resets) => {
                let mut cut = failed();
                cut.set_headers(fate(Some(What::Resets)).map(|fate| (FATE, fate)).into_iter().collect());
                Err(cut)
            }
            Some(What::Waits(time)) => {
                tokio::time::sleep(time).await;
                Ok(None)
            }
            other => Ok(other),
        }
    }

    /// What was done; or, where its answer is to be lost, an error that says nothing of it.
    async fn answered<T>(&self, what: Option<What>, done: T) -> S3Result<T> {
        match what {
            Some(What::Swallowed) => Err(failed()),
            Some(What::HeldAfter) => {
                self.inner.plan.is_replaced().await;
                Err(failed())
            }
            _ => Ok(done),
        }
    }

    fn in_bucket<T>(&self, bucket: &str, work: impl FnOnce(&mut Shelf) -> S3Result<T>) -> S3Result<T> {
        let mut buckets = held(&self.inner.buckets);
        work(buckets.get_mut(bucket).ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))?)
    }

    /// The newest version of an object for whoever may read it.
    fn readable(&self, bucket: &str, key: &str, version: Option<&str>) -> S3Result<Kept> {
        if held(&self.inner.unreadable).iter().any(|beginning| key.starts_with(beginning)) {
            return Err(denied());
        }
        self.in_bucket(bucket, |shelf| match version {
            None => shelf.newest(key).cloned(),
            Some(version) => {
                let found = shelf.keys.get(key).and_then(|kept| kept.iter().find(|kept| kept.version.as_deref() == Some(version)));
                found.cloned().ok_or_else(|| s3_error!(NoSuchVersion))
            }
        })
    }
}

/// Who asks, and in which region.
struct Asker {
    access_key: Option<String>,
    region: Option<String>,
}

impl Asker {
    fn of<T>(request: &S3Request<T>) -> Self {
        let access_key = request.credentials.as_ref().map(|credentials| credentials.access_key.clone());
        Self { access_key, region: request.region.as_ref().map(ToString::to_string) }
    }
}

#[async_trait::async_trait]
impl S3 for StandIn {
    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        held(&self.inner.buckets).entry(request.input.bucket).or_default();
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.in_bucket(&request.input.bucket, |_| Ok(S3Response::new(HeadBucketOutput::default())))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let what = self.meet(Call::Get, &request.input.key, Asker::of(&request)).await?;
        let input = request.input;
        let kept = self.readable(&input.bucket, &input.key, input.version_id.as_deref())?;
        if input.if_match.as_ref().is_some_and(|condition| !names(condition, &kept)) {
            return Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"));
        }
        let size = kept.bytes.len();
        let part = match &input.range {
            Some(range) => range.check(size as u64)?,
            None => 0..size as u64,
        };
        let (begin, end) = (usize::try_from(part.start).expect("small"), usize::try_from(part.end).expect("small"));
        let has_checksum = input.checksum_mode.is_some() && input.range.is_none();
        Ok(S3Response::new(GetObjectOutput {
            body: Some(body(kept.bytes.slice(begin..end), what)),
            content_length: i64::try_from(end - begin).ok(),
            content_range: input.range.map(|_| format!("bytes {begin}-{}/{size}", end.saturating_sub(1))),
            ..about(&kept, has_checksum)
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.meet(Call::Head, &request.input.key, Asker::of(&request)).await?;
        let input = request.input;
        let kept = self.readable(&input.bucket, &input.key, input.version_id.as_deref())?;
        let about = about(&kept, input.checksum_mode.is_some());
        Ok(S3Response::new(HeadObjectOutput {
            content_length: i64::try_from(kept.bytes.len()).ok(),
            checksum_sha256: about.checksum_sha256,
            checksum_type: about.checksum_type,
            e_tag: about.e_tag,
            last_modified: about.last_modified,
            metadata: about.metadata,
            object_lock_mode: about.object_lock_mode,
            object_lock_retain_until_date: about.object_lock_retain_until_date,
            version_id: about.version_id,
            ..Default::default()
        }))
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        let prefix = request.input.prefix.clone().unwrap_or_default();
        let what = self.meet(Call::List, &prefix, Asker::of(&request)).await?;
        let input = request.input;
        if held(&self.inner.unlistable).iter().any(|beginning| prefix.starts_with(beginning)) {
            return Err(denied());
        }
        let from = input.continuation_token.as_deref().or(input.start_after.as_deref()).unwrap_or_default();
        let all = self.in_bucket(&input.bucket, |shelf| Ok(newest(shelf, &prefix, from)))?;
        let all = match what {
            Some(What::Stale) => held(&self.inner.remembered).get(&input.bucket).cloned().unwrap_or_default(),
            _ => all,
        };
        let mut answer = S3Response::new(listed(input, &prefix, all));
        answer.headers.extend(fate(what).map(|fate| (FATE, fate)));
        Ok(answer)
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let what = self.meet(Call::Put, &request.input.key, Asker::of(&request)).await?;
        let input = request.input;
        let bytes = gathered(input.body).await?;
        let lock = input.object_lock_mode.zip(input.object_lock_retain_until_date).map(|(mode, until)| (mode.as_str().to_owned(), time(&until)));
        let kept = Kept { metadata: input.metadata.unwrap_or_default(), lock, ..Kept::new(bytes, SystemTime::now()) };
        if what == Some(What::Forgets) {
            return Ok(S3Response::new(PutObjectOutput { e_tag: Some(ETag::Strong(kept.etag)), ..Default::default() }));
        }
        let put = |shelf: &mut Shelf| shelf.put(&input.key, kept, input.if_none_match.as_ref(), input.if_match.as_ref()).cloned();
        let kept = self.answered(what, self.in_bucket(&input.bucket, put)?).await?;
        Ok(S3Response::new(PutObjectOutput { e_tag: Some(ETag::Strong(kept.etag)), version_id: kept.version, ..Default::default() }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let what = self.meet(Call::Delete, &request.input.key, Asker::of(&request)).await?;
        self.in_bucket(&request.input.bucket, |shelf| Ok(shelf.keys.remove(&request.input.key)))?;
        self.answered(what, S3Response::new(DeleteObjectOutput::default())).await
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let what = self.meet(Call::Delete, "", Asker::of(&request)).await?;
        let input = request.input;
        let remove = |shelf: &mut Shelf| {
            let removed = input.delete.objects.iter().map(|object| {
                shelf.keys.remove(&object.key);
                DeletedObject { key: Some(object.key.clone()), ..Default::default() }
            });
            Ok(removed.collect())
        };
        let deleted: Vec<DeletedObject> = self.in_bucket(&input.bucket, remove)?;
        self.answered(what, S3Response::new(DeleteObjectsOutput { deleted: Some(deleted), ..Default::default() })).await
    }

    async fn create_multipart_upload(&self, request: S3Request<CreateMultipartUploadInput>) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        let upload_id = self.in_bucket(&input.bucket, |shelf| {
            shelf.begun += 1;
            let id = format!("upload-{}", shelf.begun);
            shelf.uploads.insert(id.clone(), Upload { metadata: input.metadata.unwrap_or_default(), parts: BTreeMap::new() });
            Ok(id)
        })?;
        let (bucket, key) = (Some(input.bucket), Some(input.key));
        Ok(S3Response::new(CreateMultipartUploadOutput { bucket, key, upload_id: Some(upload_id), ..Default::default() }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let bytes = gathered(input.body).await?;
        let etag = Kept::new(bytes.clone(), SystemTime::now()).etag;
        self.in_bucket(&input.bucket, |shelf| {
            let upload = shelf.uploads.get_mut(&input.upload_id).ok_or_else(|| s3_error!(NoSuchUpload))?;
            Ok(upload.parts.insert(input.part_number, bytes))
        })?;
        Ok(S3Response::new(UploadPartOutput { e_tag: Some(ETag::Strong(etag)), ..Default::default() }))
    }

    async fn complete_multipart_upload(&self, request: S3Request<CompleteMultipartUploadInput>) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let what = self.meet(Call::Put, &request.input.key, Asker::of(&request)).await?;
        let input = request.input;
        let kept = self.in_bucket(&input.bucket, |shelf| {
            let Upload { metadata, parts } = shelf.uploads.remove(&input.upload_id).ok_or_else(|| s3_error!(NoSuchUpload))?;
            let count = parts.len();
            let bytes = parts.into_values().fold(BytesMut::new(), |mut whole, part| {
                whole.extend_from_slice(&part);
                whole
            });
            let kept = Kept::new(bytes.freeze(), SystemTime::now());
            let kept = Kept { etag: format!("{}-{count}", kept.etag), metadata, ..kept };
            shelf.put(&input.key, kept, input.if_none_match.as_ref(), input.if_match.as_ref()).cloned()
        })?;
        let kept = self.answered(what, kept).await?;
        let (bucket, key, e_tag) = (Some(input.bucket), Some(input.key), Some(ETag::Strong(kept.etag)));
        Ok(S3Response::new(CompleteMultipartUploadOutput { bucket, key, e_tag, version_id: kept.version, ..Default::default() }))
    }

    async fn abort_multipart_upload(&self, request: S3Request<AbortMultipartUploadInput>) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.in_bucket(&request.input.bucket, |shelf| Ok(shelf.uploads.remove(&request.input.upload_id)))?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn denied() -> s3s::S3Error {
    s3_error!(AccessDenied, "Access Denied")
}

fn failed() -> s3s::S3Error {
    s3_error!(InternalError, "We encountered an internal error. Please try again.")
}

/// What both GetObject and HeadObject say of an object; its length and its bytes are left to them.
fn about(kept: &Kept, has_checksum: bool) -> GetObjectOutput {
    let (lock_mode, retain_until) = kept.lock.clone().unzip();
    GetObjectOutput {
        checksum_sha256: has_checksum.then(|| kept.sha256()),
        checksum_type: has_checksum.then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        e_tag: Some(ETag::Strong(kept.etag.clone())),
        last_modified: Some(kept.modified.into()),
        metadata: Some(kept.metadata.clone()).filter(|metadata| !metadata.is_empty()),
        object_lock_mode: lock_mode.map(ObjectLockMode::from),
        object_lock_retain_until_date: retain_until.map(Timestamp::from),
        version_id: Some(kept.version.clone().unwrap_or_else(|| "null".to_owned())),
        ..Default::default()
    }
}

async fn gathered(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(body) = body else { return Ok(Bytes::new()) };
    let whole = body.try_fold(BytesMut::new(), async |mut whole, chunk| {
        whole.extend_from_slice(&chunk);
        Ok(whole)
    });
    whole.await.map(BytesMut::freeze).map_err(|_| s3_error!(IncompleteBody))
}

fn time(timestamp: &Timestamp) -> SystemTime {
    let mut text = Vec::new();
    timestamp.format(TimestampFormat::EpochSeconds, &mut text).expect("a time can be written");
    let seconds: f64 = String::from_utf8_lossy(&text).parse().expect("seconds");
    SystemTime::UNIX_EPOCH + std::time::Duration::from_secs_f64(seconds)
}
