//! From the parameters of a request to an operation that may run.
//!
//! 1. `parameters`: what a client sends, as a body, as the query of an address, or as the payload of a frame.
//! 2. `documents`: documents that a client names instead of sending them.
//! 3. `text_limits`: what is refused before it is parsed; `size_limits`: what is refused before it is validated. The
//!    parser and the library's own checks walk documents recursively and expand every use of a fragment, so a few
//!    hundred bytes could cost the stack or minutes of work.
//! 4. `operation`: an operation that may run; `field_order`: how its response is sorted.

pub(super) mod documents;
pub(super) mod field_order;
pub(super) mod operation;
pub(super) mod parameters;
pub(super) mod size_limits;
mod text_limits;
