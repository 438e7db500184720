# The habits, for `just` (https://just.systems). `just --list` shows them.

features := "otpwire/fault-injection"

# List the recipes.
default:
    @just --list

# Show the whole path at work on a throw-away database.
demo *ARGS:
    cargo run -- demo {{ ARGS }}

# Run the server with the settings of otpwire.toml.
serve *ARGS:
    cargo run -- serve {{ ARGS }}

# Check format, lints and dependencies.
lint:
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets --features {{ features }} -- -D warnings
    cargo deny --locked check --hide-inclusion-graph bans licenses sources

# Run the tests whose names contain the filter, on both databases.
test *FILTER:
    scripts/test {{ FILTER }}

# Everything that CI checks.
check:
    scripts/check

# Write the generated files again.
update:
    scripts/update

# Fuzz every target for so many seconds, or only those named.
fuzz SECONDS="60" *TARGETS:
    scripts/fuzz {{ SECONDS }} {{ TARGETS }}

# Measure: load, providers or codes.
bench NAME="load":
    cargo bench --bench {{ NAME }}

# Build the documentation of the code, and open it.
doc:
    cargo doc --workspace --no-deps --open
