//! Values of single fields: numbers, senders, countries, email addresses, names. Parsing is idempotent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otpwire::domain::{CountryCode, Email, IdempotencyKey, Msisdn, Otp, Sender, Service, otp};

fuzz_target!(|text: &str| {
    if let Ok(number) = Msisdn::parse("to", text) {
        assert_eq!(Msisdn::parse("to", number.as_str()).ok().as_ref(), Some(&number));
        assert!(number.as_str().len() <= 16);
        if let Some(country) = CountryCode::of(&number) {
            assert_eq!(CountryCode::parse("country", country.as_str()).ok(), Some(country));
        }
    }
    if let Ok(sender) = Sender::parse("from", text) {
        assert_eq!(sender.as_str(), text);
        assert!(sender.is(&sender));
    }
    if let Ok(country) = CountryCode::parse("country", text) {
        assert!(country.as_str().eq_ignore_ascii_case(text));
    }
    if let Ok(email) = Email::parse(text) {
        let again = Email::parse(email.as_str()).ok();
        assert_eq!(again.as_ref().map(Email::as_str), Some(email.as_str()));
        assert_eq!(again.map(|again| again.spellings().count()), Some(1));
    }
    if let Ok(service) = Service::parse("service", text) {
        assert_eq!(Service::parse("service", service.as_str()).ok().as_ref(), Some(&service));
        assert_eq!(Service::key_of(&service.key()), service.key());
    }
    if let Ok(key) = IdempotencyKey::parse("key", text) {
        assert_eq!(key.as_str(), text);
    }
    if let Some(code) = otp::normalize_code(text) {
        assert!((3..=Otp::MAX_CODE).contains(&code.len()));
        assert_eq!(otp::normalize_code(&code).as_ref(), Some(&code));
    }
});
