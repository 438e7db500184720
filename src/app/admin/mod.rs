//! What administrators look up: `reports` (what became of each webhook, and the platform in figures) and `audit` (who
//! did what).

mod audit;
mod reports;
