//! The binary: see `otpwire --help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match otpwire::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("otpwire: {error:#}");
            ExitCode::FAILURE
        }
    }
}
