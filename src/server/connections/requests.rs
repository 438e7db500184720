//! The requests of one connection.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{Router, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, service::Service};
use hyper_util::service::TowerToHyperService;
use pin_project_lite::pin_project;

type AppService = TowerToHyperService<Router>;

/// How far the requests of a connection are.
#[derive(Debug, Default)]
pub(super) struct Progress {
    has_asked: AtomicBool,
    is_answering: AtomicBool,
}

impl Progress {
    #[cfg(test)]
    pub(super) fn after_request(has_asked: bool) -> Self {
        Self { has_asked: AtomicBool::new(has_asked), is_answering: AtomicBool::new(false) }
    }

    /// Whether the head of a request has come.
    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// Whether requests came, and each has been answered.
    pub(super) fn is_idle(&self) -> bool {
        self.has_asked() && !self.is_answering.load(Ordering::Relaxed)
    }
}

/// Passes the requests of a connection to the application.
#[derive(Debug)]
pub(super) struct Requests {
    pub(super) service: AppService,
    pub(super) peer: SocketAddr,
    pub(super) progress: Arc<Progress>,
}

impl Service<Request<Incoming>> for Requests {
    type Response = <AppService as Service<Request<Incoming>>>::Response;
    type Error = <AppService as Service<Request<Incoming>>>::Error;
    type Future = Answer<<AppService as Service<Request<Incoming>>>::Future>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        self.progress.is_answering.store(true, Ordering::Relaxed);
        self.progress.has_asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        Answer { answer: self.service.call(request), progress: Arc::clone(&self.progress) }
    }
}

pin_project! {
    /// The answer to a request.
    pub(super) struct Answer<F> {
        #[pin]
        answer: F,
        progress: Arc<Progress>,
    }
}

impl<F: Future> Future for Answer<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(cx));
        this.progress.is_answering.store(false, Ordering::Relaxed);
        Poll::Ready(answer)
    }
}
