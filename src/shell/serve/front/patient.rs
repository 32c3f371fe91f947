//! A connection that is cut off where its peer takes nothing of an answer for too long, and that ends without cutting an answer off.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long the rest of what a peer says is listened to at the end, in milliseconds.
const LINGER_MS_MAX: u64 = 500;
/// The most bytes of it.
const LINGER_BYTES_MAX: usize = 16 << 20;

/// A stream whose writes may not stand still for longer than `patience`.
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    stalled: Pin<Box<Sleep>>,
    is_waiting: bool,
    /// At the end: how many bytes are listened to yet.
    lingering: Option<usize>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, stalled: Box::pin(sleep(patience)), is_waiting: false, lingering: None }
    }

    fn watched<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.is_waiting = false;
            return polled;
        }
        if !self.is_waiting {
            self.is_waiting = true;
            self.stalled.as_mut().reset(Instant::now() + self.patience);
        }
        ready!(self.stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the peer takes nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, to)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, from);
        self.watched(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, from);
        self.watched(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.watched(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            let polled = Pin::new(&mut self.stream).poll_shutdown(context);
            ready!(self.watched(context, polled))?;
            self.lingering = Some(LINGER_BYTES_MAX);
            self.stalled.as_mut().reset(Instant::now() + Duration::from_millis(LINGER_MS_MAX));
        }
        self.poll_linger(context).map(Ok)
    }
}

impl<S: AsyncRead + Unpin> Patient<S> {
    /// Listens to the rest of what was being said: were it left unread, the system would take back the answer too.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut piece = [0; 4096];
        loop {
            let mut rest = ReadBuf::new(&mut piece);
            match Pin::new(&mut self.stream).poll_read(context, &mut rest) {
                Poll::Pending => return self.stalled.as_mut().poll(context),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {}
            }
            let left = self.lingering.unwrap_or_default().saturating_sub(rest.filled().len());
            if rest.filled().is_empty() || left == 0 {
                return Poll::Ready(());
            }
            self.lingering = Some(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    #[test]
    fn a_peer_that_takes_nothing_is_cut_off_and_a_slow_one_is_not() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            // The peer's side holds a byte, and is never read.
            let (ours, _theirs) = tokio::io::duplex(1);
            let mut ours = Patient::new(ours, Duration::from_millis(20));
            let ended = ours.write_all(b"two").await;
            assert_eq!(ended.map_err(|fault| fault.kind()), Err(ErrorKind::TimedOut));

            let (ours, mut theirs) = tokio::io::duplex(1);
            let mut ours = Patient::new(ours, Duration::from_secs(60));
            let reads = tokio::spawn(async move {
                let mut all = Vec::new();
                tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut all).await.map(|_| all)
            });
            ours.write_all(b"two").await.unwrap();
            drop(ours);
            assert_eq!(reads.await.unwrap().unwrap(), b"two");
        });
    }
}
