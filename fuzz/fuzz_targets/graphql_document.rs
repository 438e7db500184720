//! Untrusted GraphQL documents: what passes the limits is safe for the library's parser, and neither that nor our
//! parser recurses too deeply. Lists of trusted documents are parsed in the same way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otpwire::graphql::AllowedDocuments;
use serde_json::json;

fuzz_target!(|document: &str| {
    let is_let_through = |document: &str| AllowedDocuments::parse(&json!({ "a": document }).to_string()).is_ok();
    let _ = AllowedDocuments::parse(document);
    if is_let_through(document) {
        // Ignored tokens (2.1.7 of the specification) change nothing, unless there are too many of them.
        let padded = format!(",\n{document}\n# \"{{[(\n");
        assert!(is_let_through(&padded) || padded.len() > 32 * 1024, "{padded:?} is refused");
    }
});
