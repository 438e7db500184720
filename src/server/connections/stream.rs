//! The socket of a connection, and the options that the kernel enforces.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::slots::ConnectionSlot;

/// After how long without a byte the kernel asks a client whether it is still there, and how often it repeats that. A
/// client that has vanished without a word is noticed after a minute.
const KEEP_ALIVE_TIME: Duration = Duration::from_secs(30);
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEP_ALIVE_RETRIES: u32 = 3;

/// How long a client may leave data unacknowledged before its connection is closed.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNREAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How many bytes the kernel buffers for a connection before they are sent.
#[cfg(any(target_os = "linux", target_os = "android"))]
const MAX_UNSENT: u32 = 128 * 1024;

/// How much a client has to read within [`READ_WITHIN`] of what it has been waiting for. The kernel is content with one
/// that reads a byte now and then, and would let it keep a large response for as long as it likes.
const READ_AT_LEAST: usize = 64 * 1024;
const READ_WITHIN: Duration = Duration::from_secs(60);

/// Sets the options of an accepted socket. One that cannot be set is no reason to refuse the client.
pub(super) fn set_options(stream: &TcpStream) {
    // Small responses and frames are sent at once, without waiting for more data.
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE_TIME).with_interval(KEEP_ALIVE_INTERVAL);
    let _ = socket.set_tcp_keepalive(&keep_alive.with_retries(KEEP_ALIVE_RETRIES));
    bound_unread_data(&socket);
}

/// Bounds what a client that reads nothing costs: the kernel buffers little for it, and closes its connection after
/// [`UNREAD_TIMEOUT`]. By default it would hold megabytes for each such client, for as long as the client likes.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn bound_unread_data(socket: &SockRef<'_>) {
    let _ = socket.set_tcp_notsent_lowat(MAX_UNSENT);
    let _ = socket.set_tcp_user_timeout(Some(UNREAD_TIMEOUT));
}

/// Other systems do not have these socket options.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bound_unread_data(_: &SockRef<'_>) {}

/// A client's socket with the slot that it takes, until it is closed. WebSockets take it over.
pub(super) struct ClientStream {
    stream: TcpStream,
    received: Arc<AtomicBool>,
    reading: Reading,
    _slot: ConnectionSlot,
}

/// How a client reads what it is sent.
#[derive(Debug, Default)]
struct Reading {
    /// Since when it is behind: there is more to be written than the kernel takes.
    behind: Option<Instant>,
    /// How many bytes it has let through since.
    read: usize,
}

impl Reading {
    /// Notes how much of so many bytes was written.
    ///
    /// # Errors
    /// If the client reads too slowly.
    fn note(&mut self, offered: usize, written: Option<usize>, now: Instant) -> io::Result<()> {
        if written == Some(offered) {
            *self = Self::default();
            return Ok(());
        }
        let behind = *self.behind.get_or_insert(now);
        self.read += written.unwrap_or_default();
        if self.read >= READ_AT_LEAST {
            *self = Self { behind: Some(now), read: 0 };
        } else if now.duration_since(behind) >= READ_WITHIN {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads too slowly"));
        }
        Ok(())
    }
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream, slot: ConnectionSlot) -> Self {
        Self { stream, received: Arc::default(), reading: Reading::default(), _slot: slot }
    }

    /// Notes what became of a write.
    fn note_write(&mut self, offered: usize, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let so_far = match &written {
            Poll::Ready(Ok(written)) => Some(*written),
            Poll::Pending => None,
            Poll::Ready(Err(_)) => return written,
        };
        match self.reading.note(offered, so_far, Instant::now()) {
            Ok(()) => written,
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// Becomes true when bytes have come.
    pub(super) fn received(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.received)
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.received.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note_write(bytes.len(), written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.note_write(slices.iter().map(|slice| slice.len()).sum(), written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_client_has_to_read_what_it_asked_for() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        // A byte a second, of a large response.
        let mut reading = Reading::default();
        let read = |reading: &mut Reading, at: u32, bytes| reading.note(1 << 20, bytes, start + second * at);
        assert!((0..60).all(|at| read(&mut reading, at, Some(1)).is_ok()));
        assert!(read(&mut reading, 60, None).is_err());
        // Slow, and fast enough.
        let mut reading = Reading::default();
        assert!((0..600).all(|at| read(&mut reading, at, Some(2048)).is_ok()));
        // A stream of small events that was behind once.
        let mut reading = Reading::default();
        assert!(read(&mut reading, 0, None).is_ok());
        assert!(reading.note(40, Some(40), start + second).is_ok());
        assert!(read(&mut reading, 3600, None).is_ok());
    }

    #[tokio::test]
    async fn clients_that_vanish_are_noticed() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        set_options(&stream);
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap() && socket.tcp_nodelay().unwrap());
        let (time, interval) = (socket.tcp_keepalive_time().unwrap(), socket.tcp_keepalive_interval().unwrap());
        let noticed = time + interval * socket.tcp_keepalive_retries().unwrap();
        assert!(noticed <= Duration::from_secs(90), "{noticed:?}");
        #[cfg(target_os = "linux")]
        assert!(socket.tcp_user_timeout().unwrap().unwrap() <= Duration::from_secs(90));
    }
}
