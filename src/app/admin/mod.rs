//! What administrators look up: `reports` (delivery reports, and statistics of the platform) and `audit` (the audit
//! log).

mod audit;
mod reports;
