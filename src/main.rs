//! The binary: see `otpwire --help`.

use std::{
    io::{Write, stderr},
    process::ExitCode,
};

#[tokio::main]
async fn main() -> ExitCode {
    match otpwire::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The exit code tells it even if nobody reads this.
            let _ = writeln!(stderr(), "otpwire: {error:#}");
            ExitCode::FAILURE
        }
    }
}
