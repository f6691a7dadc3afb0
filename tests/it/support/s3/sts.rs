//! An STS that looks at what a role's trust asks for: AssumeRole gives keys only to who names the role and its external id.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{ROLE_KEY, SECRET_KEY, Server};

/// Whom a role trusts.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The role.
    pub role_arn: String,
    /// What a caller must say.
    pub external_id: String,
}

/// The server, and the names of the sessions that were begun.
pub struct Sts {
    /// Where it listens.
    pub server: Server,
    sessions: Arc<Mutex<Vec<String>>>,
}

impl Sts {
    pub fn trusting(trust: Trust) -> Self {
        let sessions = Arc::new(Mutex::new(Vec::new()));
        let (trust, begun) = (Arc::new(trust), Arc::clone(&sessions));
        let server = Server::accepting(move |socket| answer(socket, Arc::clone(&trust), Arc::clone(&begun)));
        Self { server, sessions }
    }

    /// Names of the sessions that were begun.
    pub fn sessions(&self) -> Vec<String> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers one request, and hangs up.
async fn answer(mut socket: TcpStream, trust: Arc<Trust>, begun: Arc<Mutex<Vec<String>>>) {
    let Some(body) = body(&mut socket).await else { return };
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let is_trusted = field("Action") == Some("AssumeRole") && field("RoleArn") == Some(&trust.role_arn) && field("ExternalId") == Some(&trust.external_id);
    let (status, text) = if is_trusted {
        let session = field("RoleSessionName").unwrap_or_default();
        begun.lock().unwrap_or_else(PoisonError::into_inner).push(session.to_owned());
        (
            "200 OK",
            format!(
                "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:{session}</AssumedRoleId>\
             <Arn>{}/{session}</Arn></AssumedRoleUser><Credentials><AccessKeyId>{ROLE_KEY}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>\
             <SessionToken>token</SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>",
                trust.role_arn
            ),
        )
    } else {
        (
            "403 Forbidden",
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code>\
          <Message>User is not authorized to perform: sts:AssumeRole</Message></Error><RequestId>1</RequestId></ErrorResponse>"
                .to_owned(),
        )
    };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
    // Who hangs up early has no use for the answer.
    let _ = socket.write_all(answer.as_bytes()).await;
}

/// The body of a request, once all of it is there.
async fn body(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    loop {
        let mut some = [0; 4_096];
        let read = socket.read(&mut some).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&some[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok()).unwrap_or(0);
        if body.len() >= length {
            return Some(body.as_bytes().to_vec());
        }
    }
}
