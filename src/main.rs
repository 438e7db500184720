//! The binary: see `otpwire --help`.

use std::{
    io::{Write, stderr},
    process::ExitCode,
};

use otpwire::domain::escape_for_terminal;

/// A quarter of the samples under load were in the C library's allocator; this one takes a fraction of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The stack of each thread, in bytes. The fields of a GraphQL operation are resolved by futures within futures, which
/// without optimisation need more than the 2 MiB that threads have otherwise. What is not used takes no memory.
const STACK_SIZE: usize = 8 << 20;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_SIZE).build();
    let result = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(otpwire::cli::run()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What it quotes may be a stranger's: a column of a file, or what a server said. The exit code tells it
            // even if nobody reads this.
            let _ = writeln!(stderr(), "otpwire: {}", escape_for_terminal(&format!("{error:#}")));
            otpwire::cli::exit_code(&error)
        }
    }
}
