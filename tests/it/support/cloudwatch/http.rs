//! As much HTTP as the clients of AWS speak: requests with a length, one after the other on a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use super::logs::Logs;

/// A call of the protocol `Logs_20140328`.
pub(super) struct Call {
    pub(super) operation: String,
    /// Of the signature.
    pub(super) region: String,
    pub(super) body: Value,
}

/// What is answered.
pub(super) enum Answer {
    Json(Value),
    /// The name of an exception, with what it says.
    Refused(&'static str, &'static str),
    Status(u16),
    Garbled,
    TornOff,
    Silent,
    Stalls,
}

/// An answer that promises more than it holds.
const HALF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 100\r\n\r\n{\"events\":";

pub(super) fn serve(logs: Arc<Mutex<Logs>>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback can be listened on");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let logs = Arc::clone(&logs);
            // A client that goes away ends its connection, and nothing else.
            thread::spawn(move || converse(stream, &logs));
        }
    });
    address
}

fn converse(stream: TcpStream, logs: &Mutex<Logs>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let call = request(&mut reader)?;
        let answer = logs.lock().ok()?.answer(&call);
        let (status, body) = match answer {
            Answer::Json(value) => (200, serde_json::to_vec(&value).ok()?),
            // The fault is the service's own in this one, and the caller's in the others.
            Answer::Refused(name, message) => (
                if name == "ServiceUnavailableException" { 500 } else { 400 },
                serde_json::to_vec(&serde_json::json!({ "__type": name, "message": message })).ok()?,
            ),
            Answer::Status(status) => (status, b"{}".to_vec()),
            Answer::Garbled => (200, b"{\"events\": [".to_vec()),
            Answer::TornOff => {
                writer.write_all(HALF).ok()?;
                return None;
            }
            stall @ (Answer::Silent | Answer::Stalls) => {
                let half = if matches!(stall, Answer::Stalls) { HALF } else { b"" };
                writer.write_all(half).ok()?;
                // Until the client gives up, and hangs up.
                reader.read_to_end(&mut Vec::new()).ok()?;
                return None;
            }
        };
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\nx-amzn-requestid: 0\r\ncontent-length: {}\r\n\r\n", body.len());
        writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(&body)).ok()?;
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Call> {
    let (mut operation, mut region, mut length) = (String::new(), String::new(), 0);
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 0 {
        let header = line.trim_end();
        if header.is_empty() {
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            return Some(Call { operation, region, body: serde_json::from_slice(&body).unwrap_or_default() });
        }
        if let Some((name, value)) = header.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "x-amz-target" => operation = value.strip_prefix("Logs_20140328.")?.to_owned(),
                "authorization" => region = value.split('/').nth(2)?.to_owned(),
                "content-length" => length = value.parse().ok()?,
                _ => {}
            }
        }
        line.clear();
    }
    None
}
