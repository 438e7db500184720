//! GraphQL documents from strangers: what is let through to the library has been counted before, and neither its parser
//! nor ours goes too deep. Operators' lists of documents are read in the same way as those of clients.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otpwire::graphql::AllowedDocuments;
use serde_json::json;

fuzz_target!(|document: &str| {
    let is_let_through = |document: &str| AllowedDocuments::parse(&json!({ "a": document }).to_string()).is_ok();
    let _ = AllowedDocuments::parse(document);
    if is_let_through(document) {
        // What is ignored (2.1.7 of the specification) changes nothing, as long as there is not too much of it.
        let padded = format!(",\n{document}\n# \"{{[(\n");
        assert!(is_let_through(&padded) || padded.len() > 32 * 1024, "{padded:?} is refused");
    }
});
