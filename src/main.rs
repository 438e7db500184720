//! The binary: see `otpwire --help`.

use std::{
    io::{Write, stderr},
    process::ExitCode,
};

/// A quarter of the samples under load were in the C library's allocator; this one takes a fraction of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
