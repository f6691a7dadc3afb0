//! S3 on this machine: a stand-in of our own with everything that the emulators leave out, `s3s-fs` as a second opinion, and an STS that
//! looks at external ids. Each listens on a port of its own until it is dropped.

mod faults;
mod line;
mod listing;
mod shelf;
mod stand_in;
mod sts;

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::mpsc;
use std::thread;

use futures::FutureExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use s3s::S3;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use faults::{Call, Fault, What};
pub use shelf::{Kept, State};
pub use stand_in::StandIn;
pub use sts::{Sts, Trust};

/// The key that every server of the suites knows.
pub const ACCESS_KEY: &str = "AKIASUITESUITESUITE0";
/// Its secret.
pub const SECRET_KEY: &str = "secret-of-the-suites";
/// The key that the stand-in's STS hands out.
pub const ROLE_KEY: &str = "ASIASUITESUITESUITE0";

/// A server that listens until it is dropped.
pub struct Server {
    address: SocketAddr,
    /// Dropped, it ends the server.
    _until: oneshot::Sender<()>,
}

impl Server {
    /// Serves an S3 that checks signatures.
    pub fn of(s3: impl S3) -> Self {
        let mut auth = SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY);
        auth.register(ROLE_KEY.to_owned(), SECRET_KEY.into());
        let mut builder = S3ServiceBuilder::new(s3);
        builder.set_auth(auth);
        let service = builder.build();
        Self::accepting(move |socket| {
            let service = service.clone();
            let service = service_fn(move |request: Request<Incoming>| Service::call(&service, request).map(line::carried));
            async move {
                // A client that hangs up, and a connection that a fault cut, are what the suites are about.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
            }
        })
    }

    /// The folder `root`, in which a folder is a bucket, by a program that knows nothing of ours.
    pub fn of_folder(root: &std::path::Path) -> Self {
        Self::of(s3s_fs::FileSystem::new(root).expect("a folder can be served"))
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Hands every connection to `serve`, on threads of its own: tests may block theirs.
    fn accepting<F: Future<Output = ()> + Send + 'static>(serve: impl Fn(tokio::net::TcpStream) -> F + Send + 'static) -> Self {
        let (until, ended) = oneshot::channel::<()>();
        let (told, address) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = StdListener::bind("127.0.0.1:0").expect("a port of this machine");
                listener.set_nonblocking(true).expect("a listener that does not block");
                let listener = TcpListener::from_std(listener).expect("a listener");
                told.send(listener.local_addr().expect("an address")).expect("the suite waits for it");
                let accept = async {
                    loop {
                        if let Ok((socket, _)) = listener.accept().await {
                            let _ = socket.set_nodelay(true);
                            tokio::spawn(serve(socket));
                        }
                    }
                };
                tokio::select! { () = accept => {}, _ = ended => {} }
            });
            runtime.shutdown_background();
        });
        Self { address: address.recv().expect("the server starts"), _until: until }
    }
}
