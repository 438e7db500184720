//! The reader of codes on arbitrary texts. The first line of an input is the sender.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otpwire::domain::{MessageType, Sender, Service, otp};
use otpwire_fuzz::text::ascii_of;

fuzz_target!(|input: &str| {
    let (sender, text) = input.split_once('\n').unwrap_or(("", input));
    let sender = Sender::parse("from", sender).ok();
    let reading = otp::read(text, sender.as_ref());
    assert_eq!(reading.otp.is_some(), reading.message_type == MessageType::Otp);
    if let Some(otp) = &reading.otp {
        assert!(otp.is_valid(), "{:?} {:?} cannot be stored", otp.code, otp.service);
        assert!(ascii_of(text).contains(&otp.code), "the code {:?} is not in the text", otp.code);
        if let Some(service) = &otp.service {
            let is_sender = sender.as_ref().is_some_and(|sender| sender.as_str().contains(service.as_str()));
            // Google and Facebook prefix their codes with their initials, without another mention of the service.
            let is_initial = matches!(service.as_str(), "Google" | "Facebook");
            let is_there = is_sender || is_initial || text.contains(service.as_str());
            assert!(is_there, "the service {service:?} is not in the text");
            assert!(Service::parse("service", service).is_ok_and(|service| service.is_of(otp)));
        }
    }
    assert_eq!(otp::read(text, sender.as_ref()), reading, "a text is read in two ways");
    let _ = otp::explain(text);
});
