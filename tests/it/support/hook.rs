//! A webhook on this machine, which takes what is posted and answers as a test says; SNS too, as far as `Publish` goes. It listens until the test ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// What was posted.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The path.
    pub path: String,
    /// The headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Posted {
    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Gives the head of the answer after its version, such as `500 Oops`, and its body; headers may stand behind the status, each on a line.
type Answer = Box<dyn FnMut(&Posted) -> (String, String) + Send>;

struct State {
    taken: Vec<Posted>,
    refused: Vec<Posted>,
    answer: Answer,
}

/// The webhook.
pub struct Hook {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Hook {
    /// Listens, and takes everything.
    ///
    /// # Panics
    /// Where the loopback cannot be listened on.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback can be listened on");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State { taken: Vec::new(), refused: Vec::new(), answer: accepting() }));
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&serving);
                // A client that goes away ends its connection, and nothing else.
                thread::spawn(move || converse(stream, &state));
            }
        });
        Self { address, state }
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers each post so from now on.
    pub fn answer(&self, answer: impl FnMut(&Posted) -> (String, String) + Send + 'static) {
        self.locked(|state| state.answer = Box::new(answer));
    }

    /// Refuses each post with this status from now on.
    pub fn refuse(&self, status: &str) {
        let status = status.to_owned();
        self.answer(move |_| (status.clone(), String::new()));
    }

    /// Takes everything from now on.
    pub fn accept(&self) {
        self.locked(|state| state.answer = accepting());
    }

    /// What was accepted since this was asked last.
    pub fn taken(&self) -> Vec<Posted> {
        self.locked(|state| std::mem::take(&mut state.taken))
    }

    /// What was refused since this was asked last.
    pub fn refused(&self) -> Vec<Posted> {
        self.locked(|state| std::mem::take(&mut state.refused))
    }

    fn locked<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().expect("no test panics while it holds this"))
    }
}

/// The answer of SNS, which a webhook may give as well as any other.
fn accepting() -> Answer {
    let body = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>0</MessageId></PublishResult>\
                <ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></PublishResponse>";
    Box::new(move |_| ("200 OK".to_owned(), body.to_owned()))
}

fn converse(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let posted = request(&mut reader)?;
        let (head, body) = {
            let mut state = state.lock().ok()?;
            let (head, body) = (state.answer)(&posted);
            if head.starts_with('2') {
                state.taken.push(posted)
            } else {
                state.refused.push(posted)
            }
            (head, body)
        };
        let head = format!("HTTP/1.1 {head}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n", body.len());
        writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(body.as_bytes())).ok()?;
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Posted> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        let name = name.to_ascii_lowercase();
        if name == "content-length" {
            length = value.parse().ok()?;
        }
        headers.push((name, value.to_owned()));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Posted { path, headers, body: String::from_utf8(body).ok()? })
}
