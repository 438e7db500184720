//! Questions that are asked together when many ask at once, of a database or Redis: one round trip for all of them.
//!
//! Nobody waits in order to be asked together. While few questions are under way, each is asked at once and by itself;
//! those that come meanwhile are asked with the next.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{runtime::Handle, sync::oneshot};

/// How many times the other side is asked at the same time. One is not enough: it would be idle while an answer is on
/// its way.
const AT_A_TIME: usize = 2;
/// How many questions are asked together at most.
const TOGETHER: usize = 64;

/// Asks the other side.
pub(crate) trait Ask: Send + Sync + 'static {
    /// What is asked.
    type Question: Send + 'static;
    /// What is answered.
    type Answer: Send + 'static;

    /// Asks one or more questions, and returns an answer to each, in their order.
    fn ask(&self, questions: Vec<Self::Question>) -> impl Future<Output = Vec<Self::Answer>> + Send;
}

/// Asks questions together. Clones share what is under way.
pub(crate) struct Coalescer<A: Ask>(Arc<Shared<A>>);

struct Shared<A: Ask> {
    asker: A,
    state: Mutex<State<A>>,
}

struct State<A: Ask> {
    under_way: usize,
    waiting: VecDeque<(A::Question, oneshot::Sender<A::Answer>)>,
}

impl<A: Ask> Coalescer<A> {
    /// Asks through `asker`.
    pub(crate) fn new(asker: A) -> Self {
        let state = Mutex::new(State { under_way: 0, waiting: VecDeque::new() });
        Self(Arc::new(Shared { asker, state }))
    }

    /// Asks a question. None when the asker has panicked over it, or over those that it was asked with.
    pub(crate) async fn ask(&self, question: A::Question) -> Option<A::Answer> {
        match self.0.admit(question) {
            Ok(question) => {
                // Whoever gives up, or panics, lets the next ones ask.
                let _next = UnderWay(&self.0);
                self.0.asker.ask(vec![question]).await.pop()
            }
            Err(answer) => answer.await.ok(),
        }
    }
}

impl<A: Ask> Shared<A> {
    fn lock(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a question as under way and returns it, or lets it wait and returns where its answer will be.
    fn admit(&self, question: A::Question) -> Result<A::Question, oneshot::Receiver<A::Answer>> {
        let mut state = self.lock();
        if state.under_way < AT_A_TIME {
            state.under_way += 1;
            return Ok(question);
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back((question, sender));
        Err(receiver)
    }

    /// Asks those that wait, until none does.
    async fn ask_waiting(self: Arc<Self>) {
        let _next = UnderWay(&self);
        loop {
            let (questions, senders) = self.take_waiting();
            if questions.is_empty() {
                return;
            }
            for (sender, answer) in senders.into_iter().zip(self.asker.ask(questions).await) {
                // Who asked may have given up.
                let _ = sender.send(answer);
            }
        }
    }

    /// Takes the questions that have waited longest, without those of clients that have given up.
    fn take_waiting(&self) -> (Vec<A::Question>, Vec<oneshot::Sender<A::Answer>>) {
        let mut state = self.lock();
        let count = state.waiting.len().min(TOGETHER);
        state.waiting.drain(..count).filter(|(_, sender)| !sender.is_closed()).unzip()
    }
}

/// A question that is under way. When it is not any more, another may be.
struct UnderWay<'a, A: Ask>(&'a Arc<Shared<A>>);

impl<A: Ask> Drop for UnderWay<'_, A> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        match Handle::try_current() {
            Ok(runtime) if !state.waiting.is_empty() => drop(runtime.spawn(Arc::clone(self.0).ask_waiting())),
            // Without a runtime nobody waits any more.
            _ => state.under_way -= 1,
        }
    }
}

impl<A: Ask> Clone for Coalescer<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Ask> fmt::Debug for Coalescer<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock();
        write!(formatter, "Coalescer({} under way, {} waiting)", state.under_way, state.waiting.len())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::join_all};
    use tokio::sync::Semaphore;

    use super::*;

    /// Answers with twice the number, as often as it may. Panics over 666.
    struct Doubler {
        may: Semaphore,
        asked: Mutex<Vec<Vec<u32>>>,
    }

    impl Ask for Arc<Doubler> {
        type Question = u32;
        type Answer = u32;

        async fn ask(&self, questions: Vec<u32>) -> Vec<u32> {
            self.asked.lock().unwrap().push(questions.clone());
            self.may.acquire().await.unwrap().forget();
            assert!(!questions.contains(&666), "666");
            questions.into_iter().map(|number| 2 * number).collect()
        }
    }

    fn doubler() -> (Arc<Doubler>, Coalescer<Arc<Doubler>>) {
        let doubler = Arc::new(Doubler { may: Semaphore::new(0), asked: Mutex::default() });
        (Arc::clone(&doubler), Coalescer::new(doubler))
    }

    impl Doubler {
        fn asked(&self) -> Vec<Vec<u32>> {
            self.asked.lock().unwrap().clone()
        }
    }

    #[tokio::test]
    async fn questions_that_come_meanwhile_are_asked_together() {
        let (doubler, coalescer) = doubler();
        let mut questions = join_all((1..=70).map(|number| coalescer.ask(number)));
        assert!((&mut questions).now_or_never().is_none());
        assert_eq!(doubler.asked(), [[1], [2]]);
        doubler.may.add_permits(100);
        assert_eq!(questions.await, (1..=70).map(|number| Some(2 * number)).collect::<Vec<_>>());
        let asked = doubler.asked();
        assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 64, 4]);
        // What comes later is asked at once again.
        assert_eq!(coalescer.ask(71).now_or_never(), Some(Some(142)));
        assert_eq!(coalescer.0.lock().under_way, 0);
    }

    #[tokio::test]
    async fn those_who_give_up_hold_nobody_up() {
        let (doubler, coalescer) = doubler();
        {
            let mut first = join_all([coalescer.ask(1), coalescer.ask(2), coalescer.ask(3)]);
            assert!((&mut first).now_or_never().is_none());
        }
        let waiting = tokio::spawn({
            let coalescer = coalescer.clone();
            async move { join_all([coalescer.ask(4), coalescer.ask(5)]).await }
        });
        doubler.may.add_permits(100);
        assert_eq!(waiting.await.unwrap(), [Some(8), Some(10)]);
        assert!(!doubler.asked().concat().contains(&3), "{:?}", doubler.asked());
        assert_eq!(coalescer.0.lock().under_way, 0);
    }

    #[tokio::test]
    async fn a_panic_ends_those_that_were_asked_together_and_no_others() {
        let (doubler, coalescer) = doubler();
        let mut questions = join_all([1, 2, 12, 666, 14].map(|number| coalescer.ask(number)));
        assert!((&mut questions).now_or_never().is_none());
        doubler.may.add_permits(100);
        assert_eq!(questions.await, [Some(2), Some(4), None, None, None]);
        assert_eq!(coalescer.ask(5).await, Some(10));
        assert_eq!(coalescer.0.lock().under_way, 0);
    }
}
