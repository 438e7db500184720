//! From the parameters of a request to an operation that may run.
//!
//! 1. `parameters`: what a client sends, as a body, as the query of an address, or as the payload of a frame.
//! 2. `documents`: documents that a client names instead of sending them.
//! 3. `text_limits`: what is refused before it is parsed; `syntax`: parsing; `size_limits`: what is refused before it
//!    is validated. Parsers and validators walk documents recursively, and the library expands every use of a fragment,
//!    so a few hundred bytes could cost the stack or minutes of work.
//! 4. `validation`, with `input_positions` and `literal`: what the specification refuses.
//! 5. `plan`: the document, checked, in a cache; `variables`: their values; `normalized`: the operation as it is
//!    executed; `operation`: all of it in one step.
//! 6. `response_form`: what the responses have to look like.

pub(super) mod documents;
mod input_positions;
mod literal;
pub(super) mod normalized;
pub(super) mod operation;
pub(super) mod parameters;
pub(super) mod plan;
mod response_form;
pub(super) mod size_limits;
mod syntax;
mod text_limits;
mod validation;
mod variables;
