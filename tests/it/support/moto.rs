//! moto as a server: AWS as somebody else understands it. It ends with the test.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::python::python;

/// The server.
pub struct Moto {
    url: String,
    process: Child,
}

impl Moto {
    /// Starts it.
    ///
    /// # Panics
    /// Where it does not listen after two minutes.
    pub fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port();
        let mut command = Command::new(python().with_file_name("moto_server"));
        let process = command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("moto starts");
        let moto = Self { url: format!("http://127.0.0.1:{port}"), process };
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(120), "moto does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        moto
    }

    /// Where it is reached.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
