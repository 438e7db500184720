//! Operators' code patterns. The first line of an input is the pattern, the rest is the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otpwire::domain::CodePattern;
use otpwire_fuzz::text::ascii_of;

fuzz_target!(|input: &str| {
    let (pattern, text) = input.split_once('\n').unwrap_or((input, ""));
    let Ok(pattern) = CodePattern::parse("pattern", pattern) else { return };
    if let Some(found) = pattern.find(text) {
        assert!((3..=32).contains(&found.code.len()), "{:?}", found.code);
        assert!(ascii_of(text).contains(&found.code), "the code {:?} is not in the text", found.code);
        if let Some(service) = found.service {
            assert!(text.contains(service.as_str()), "the service {:?} is not in the text", service.as_str());
        }
    }
});
