//! What administrators look up: `reports` (delivery reports, and statistics of the platform), `audit` (the audit log)
//! and `timelines` (where a message is).

mod audit;
mod reports;
mod timelines;
