//! The deadlines of heads and of idle connections.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};

/// The timer of one connection. hyper has one deadline for the head of a request, which includes the time that the
/// connection is idle before it. This timer tells the two apart: it lets a connection that has had a request be idle
/// for longer, until the next head begins.
#[derive(Clone, Debug)]
pub(super) struct HeadTimer {
    received: Arc<AtomicBool>,
    is_first: Arc<AtomicBool>,
    head: Duration,
    idle: Duration,
}

impl HeadTimer {
    /// The timer of a new connection, whose stream sets `received` when bytes have come.
    pub(super) fn new(received: Arc<AtomicBool>, head: Duration, idle: Duration) -> Self {
        Self { received, is_first: Arc::new(AtomicBool::new(true)), head, idle }
    }

    fn wait_for_head(&self, deadline: Instant) -> HeadSleep {
        if self.is_first.swap(false, Ordering::Relaxed) {
            return HeadSleep { sleep: sleep_until(deadline), next_head: None };
        }
        self.received.store(false, Ordering::Relaxed);
        let next_head = Some((Arc::clone(&self.received), self.head));
        HeadSleep { sleep: sleep_until(self.now() + self.idle), next_head }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    /// hyper calls this when it begins to wait for a head.
    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(self.wait_for_head(deadline))
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

fn sleep_until(deadline: Instant) -> Pin<Box<tokio::time::Sleep>> {
    Box::pin(tokio::time::sleep_until(deadline.into()))
}

/// Waits for the deadline of one head. hyper polls it whenever it has read something and still needs more.
struct HeadSleep {
    sleep: Pin<Box<tokio::time::Sleep>>,
    /// While the connection is idle: how to see that the next head begins, and how long it may take then.
    next_head: Option<(Arc<AtomicBool>, Duration)>,
}

impl Future for HeadSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some((_, head)) = self.next_head.take_if(|(received, _)| received.load(Ordering::Relaxed)) {
            self.sleep.as_mut().reset(tokio::time::Instant::now() + head);
        }
        self.sleep.as_mut().poll(cx)
    }
}

impl Sleep for HeadSleep {}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    const HEAD: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(3600);

    /// Whether a head that begins, or does not, has the deadline of heads, and not that of idle connections.
    fn is_short(timer: &HeadTimer, begins: bool) -> bool {
        let start = timer.now();
        let mut sleep = timer.wait_for_head(start + HEAD);
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut sleep).poll(cx).is_pending());
        timer.received.store(begins, Ordering::Relaxed);
        assert!(Pin::new(&mut sleep).poll(cx).is_pending());
        let deadline = sleep.sleep.deadline();
        // Bytes after the first do not prolong it.
        assert!(Pin::new(&mut sleep).poll(cx).is_pending());
        assert_eq!(sleep.sleep.deadline(), deadline);
        // An hour apart, so that no test machine is too slow.
        deadline.into_std() < start + IDLE
    }

    #[tokio::test]
    async fn an_idle_connection_may_wait_longer_than_a_head() {
        let timer = HeadTimer::new(Arc::default(), HEAD, IDLE);
        // The first head, whether or not its first byte comes.
        assert!(is_short(&timer, false));
        assert!(!is_short(&timer, false));
        assert!(is_short(&timer, true));
        assert!(!is_short(&timer, false));
        let timer = HeadTimer::new(Arc::default(), HEAD, IDLE);
        assert!(is_short(&timer, true));
        assert!(is_short(&timer, true));
    }
}
