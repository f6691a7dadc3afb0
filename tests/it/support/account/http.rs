//! As much HTTP as the clients of AWS speak, and which call a request is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use super::services::{self, Services};

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// Systems Manager and CloudWatch Logs.
    Json,
    Ec2,
    Sts,
    S3,
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) speech: Speech,
    pub(super) operation: String,
    /// Of the signature, like the key.
    pub(super) region: String,
    pub(super) key: String,
    /// The parameters of a call in JSON or as a form; of S3, the bucket.
    pub(super) body: Value,
}

/// What is answered.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    /// More lines of the head.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    /// Only the half of it is sent.
    pub(super) is_torn: bool,
}

pub(super) fn serve(services: Arc<Mutex<Services>>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback can be listened on");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let services = Arc::clone(&services);
            // A client that goes away ends its connection, and nothing else.
            thread::spawn(move || converse(stream, &services));
        }
    });
    address
}

fn converse(stream: TcpStream, services: &Mutex<Services>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let call = request(&mut reader)?;
        let latency = services.lock().ok()?.behaviour.latency;
        thread::sleep(latency);
        let Reply { status, kind, head, body, is_torn } = services::answer(services, &call)?;
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nx-amzn-requestid: 0\r\n{head}content-length: {}\r\n\r\n", body.len());
        let sent = if is_torn { &body[..body.len() / 2] } else { &body };
        writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(sent)).ok()?;
        if is_torn {
            return None;
        }
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Call> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut target, mut scope, mut length) = (String::new(), Vec::new(), 0);
    line.clear();
    while reader.read_line(&mut line).ok()? > 0 {
        let header = line.trim_end();
        if header.is_empty() {
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            return call(&path, &target, &scope, &body);
        }
        if let Some((name, value)) = header.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "x-amz-target" => value.clone_into(&mut target),
                "authorization" => scope = value.split_once("Credential=")?.1.split(['/', ',']).map(str::to_owned).collect(),
                "content-length" => length = value.parse().ok()?,
                _ => {}
            }
        }
        line.clear();
    }
    None
}

/// `scope` is that of the signature: key, day, region, service.
fn call(path: &str, target: &str, scope: &[String], body: &[u8]) -> Option<Call> {
    let [key, _, region, service] = scope.get(..4)? else { return None };
    let (key, region) = (key.clone(), region.clone());
    if let Some((_, operation)) = target.split_once('.') {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let state = body["State"].as_str().map_or_else(String::new, |state| format!("-{state}"));
        return Some(Call { speech: Speech::Json, operation: format!("{operation}{state}"), region, key, body });
    }
    if service == "s3" {
        let (bucket, query) = path.trim_start_matches('/').split_once('?')?;
        let setting = query.split(['&', '=']).next()?;
        let operation = match setting {
            "versioning" => "GetBucketVersioning",
            "encryption" => "GetBucketEncryption",
            "object-lock" => "GetObjectLockConfiguration",
            _ => return None,
        };
        let bucket = bucket.trim_end_matches('/');
        return Some(Call { speech: Speech::S3, operation: operation.to_owned(), region, key, body: Value::from(bucket) });
    }
    let form: serde_json::Map<String, Value> = url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), Value::from(&*value))).collect();
    let operation = form.get("Action")?.as_str()?.to_owned();
    let speech = if service == "ec2" { Speech::Ec2 } else { Speech::Sts };
    Some(Call { speech, operation, region, key, body: form.into() })
}
