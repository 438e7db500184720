//! The binary: see `otpwire --help`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Receiving allocates small things on one thread and frees them on another, all the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
