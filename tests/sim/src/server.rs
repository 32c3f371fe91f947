//! A marketplace behind HTTP on 127.0.0.1, on a thread of its own.
#![expect(clippy::disallowed_methods, reason = "a server has a clock and a thread")]

use crate::faults::{Fault, Faults};
use crate::http::{Request, Response};
use crate::log::Entry;
use crate::marketplace::{Marketplace, Now};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// The largest body of a request, in bytes.
const REQUEST_BYTES_MAX: usize = 16 << 20;

/// Waits that are longer than this may be a millisecond or two longer, in milliseconds.
const TIMER_MS: u64 = 20;

type Body = BoxBody<Bytes, io::Error>;

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    market: Box<dyn Marketplace>,
    faults: Faults,
    log: Vec<Entry>,
    ahead_ms: i64,
    /// How long an answer takes, in milliseconds.
    takes_ms: u64,
    /// Requests under way, and the most that ever were.
    under_way: usize,
    at_once: usize,
}

impl Server {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// The system gives no socket, no thread or no runtime.
    pub fn start(market: Box<dyn Marketplace>) -> io::Result<Self> {
        Self::at(market, 0)
    }

    /// Starts one on this port.
    ///
    /// # Errors
    /// The port is taken, or the system gives no socket, no thread or no runtime.
    pub fn at(market: Box<dyn Marketplace>, port: u16) -> io::Result<Self> {
        let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let state = State {
            market,
            faults: Faults::default(),
            log: Vec::new(),
            ahead_ms: 0,
            takes_ms: 0,
            under_way: 0,
            at_once: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let of_thread = Arc::clone(&state);
        let thread = std::thread::Builder::new().name("stocksync-sim".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::spawn(serve(socket, of_thread));
                let _ = stopped.await;
            });
        })?;
        Ok(Self { address, state, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it is: `http://127.0.0.1:4711`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Misbehaves from now on.
    pub fn misbehave(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// Moves its clock ahead.
    pub fn skip(&self, ms: i64) {
        self.state().ahead_ms += ms;
    }

    /// Takes so long for every answer from now on, as a marketplace far away does.
    pub fn slow(&self, ms: u64) {
        self.state().takes_ms = ms;
    }

    /// The most requests that were under way at once.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.state().at_once
    }

    /// What it saw so far.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.state().log.clone()
    }

    /// Forgets what it saw.
    pub fn forget(&self) {
        self.state().log.clear();
    }

    /// Looks at the marketplace, or changes it behind the connector's back.
    pub fn with<T>(&self, look: impl FnOnce(&mut dyn Marketplace, Now) -> T) -> T {
        let mut state = self.state();
        let now = state.now();
        look(state.market.as_mut(), now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    fn now(&self) -> Now {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now(i64::try_from(since.as_millis()).unwrap_or(i64::MAX).saturating_add(self.ahead_ms))
    }

    /// The answer, and what befalls it.
    fn answer(&mut self, request: &Request) -> (Option<Response>, Option<Fault>) {
        let now = self.now();
        let fault = self.faults.of(self.log.len() as u64);
        let answer = match fault {
            Some(Fault::Broken) => Some(self.market.broken()),
            Some(Fault::BadGateway) => {
                Some(Response::bytes(502, "text/html", b"<h1>Bad Gateway</h1>".to_vec()))
            }
            Some(Fault::Throttle) => Some(self.market.throttle()),
            Some(Fault::DropBefore) => None,
            Some(Fault::DropAfter) => {
                self.market.answer(request, now);
                None
            }
            Some(Fault::HalfBody | Fault::Garbage | Fault::Late(_)) | None => {
                Some(self.market.answer(request, now))
            }
        };
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        let (method, path) = (request.method.clone(), request.path.clone());
        self.log.push(Entry { at: now, method, path, status, faulty: fault.is_some() });
        (answer, fault)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(socket: std::net::TcpListener, state: Arc<Mutex<State>>) {
    let Ok(socket) = TcpListener::from_std(socket) else { return };
    loop {
        if let Ok((stream, _)) = socket.accept().await {
            // Answers are small, and somebody waits for them.
            let _ = stream.set_nodelay(true);
            tokio::spawn(connection(stream, Arc::clone(&state)));
        }
    }
}

async fn connection(stream: TcpStream, state: Arc<Mutex<State>>) {
    let service = service_fn(|request| exchange(request, &state));
    // A connection that the plan drops ends in an error: that is the plan.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn exchange(
    request: hyper::Request<Incoming>,
    state: &Mutex<State>,
) -> Result<hyper::Response<Body>, io::Error> {
    let _under_way = UnderWay::begin(state);
    let request = taken(request).await?;
    let takes_ms = lock(state).takes_ms;
    pass(takes_ms).await;
    let (answer, fault) = lock(state).answer(&request);
    let answer = answer.ok_or_else(broken_off)?;
    match fault {
        Some(Fault::Late(ms)) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            given(answer)
        }
        Some(Fault::HalfBody) => half(answer),
        Some(Fault::Garbage) => given(Response { body: b"\xff\xfe{\"<garbage".to_vec(), ..answer }),
        _ => given(answer),
    }
}

/// Waits so many milliseconds. The runtime's timer counts whole ones, and rounds up twice: a short wait is a thread's.
async fn pass(ms: u64) {
    let duration = Duration::from_millis(ms);
    if ms > TIMER_MS {
        tokio::time::sleep(duration).await;
    } else if ms > 0 {
        let _ = tokio::task::spawn_blocking(move || std::thread::sleep(duration)).await;
    }
}

/// A request from its head to its answer, or to whatever ends it.
struct UnderWay<'a>(&'a Mutex<State>);

impl<'a> UnderWay<'a> {
    fn begin(state: &'a Mutex<State>) -> Self {
        let mut counted = lock(state);
        counted.under_way += 1;
        counted.at_once = counted.at_once.max(counted.under_way);
        Self(state)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        lock(self.0).under_way -= 1;
    }
}

async fn taken(request: hyper::Request<Incoming>) -> Result<Request, io::Error> {
    let (parts, body) = request.into_parts();
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let body = Limited::new(body, REQUEST_BYTES_MAX).collect().await.map_err(io::Error::other)?;
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let request = Request {
        method: parts.method.as_str().to_owned(),
        headers,
        body: body.to_bytes().to_vec(),
        ..Request::default()
    };
    let host = request.header("host").unwrap_or_default().to_owned();
    Ok(Request { host, ..request.target(target) })
}

fn given(answer: Response) -> Result<hyper::Response<Body>, io::Error> {
    let body = Full::new(Bytes::from(answer.body)).map_err(|never: Infallible| match never {});
    headed(answer.status, &answer.headers)?.body(body.boxed()).map_err(io::Error::other)
}

/// The full length is announced, half of it comes, and then the connection ends.
fn half(answer: Response) -> Result<hyper::Response<Body>, io::Error> {
    let announced = answer.body.len().max(2);
    let first = Bytes::copy_from_slice(answer.body.get(..announced / 2).unwrap_or_default());
    let response = headed(answer.status, &answer.headers)?.header("content-length", announced);
    response.body(Half { first: Some(first), flushed: false }.boxed()).map_err(io::Error::other)
}

/// A body that ends in an error behind its first piece.
struct Half {
    first: Option<Bytes>,
    flushed: bool,
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        // What was given is sent when the next piece keeps it waiting.
        if !std::mem::replace(&mut self.flushed, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(broken_off())))
    }
}

fn headed(status: u16, headers: &[(String, String)]) -> Result<hyper::http::response::Builder, io::Error> {
    let response = hyper::Response::builder().status(status);
    Ok(headers.iter().fold(response, |response, (name, value)| response.header(name, value)))
}

fn broken_off() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the fault plan ends this connection")
}
