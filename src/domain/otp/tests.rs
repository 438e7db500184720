//! Tests of the reader as a whole: its quality on `tests/data/codes.jsonl`, some thousands of texts in about a hundred
//! languages, and each known pitfall by name.

use proptest::prelude::*;

use super::{Evaluation, LabelledText, read, reader};
use crate::domain::{MessageType, Sender};

const TEXTS: &str = include_str!("../../../tests/data/codes.jsonl");
/// Texts without a code, whose numbers and words look like one: orders, doors, vouchers, receipts, appointments, …
const NEGATIVES: &str = include_str!("../../../tests/data/codes-negatives.jsonl");

fn code(text: &str) -> Option<String> {
    read(text, None).otp.map(|otp| otp.code)
}

fn service(text: &str) -> Option<String> {
    read(text, None).otp.and_then(|otp| otp.service)
}

#[test]
fn quality_on_the_labelled_texts_does_not_regress() {
    let mut evaluation = Evaluation::default();
    for line in TEXTS.lines() {
        let label: LabelledText = serde_json::from_str(line).unwrap();
        assert_eq!(label.code.is_some(), label.message_type == MessageType::Otp, "{}", label.text);
        let extraction = read(&label.text, None);
        assert!(extraction.otp.as_ref().is_none_or(super::Otp::is_valid), "{}", label.text);
        evaluation.add(&label, &extraction);
    }
    // Many of these texts are harder than usual ones.
    assert!(evaluation.languages().len() >= 100, "{evaluation}");
    assert!(evaluation.precision() >= 0.997, "{evaluation}");
    assert!(evaluation.recall() >= 0.970, "{evaluation}");
    assert!(evaluation.wrong_codes() <= 0.001, "{evaluation}");
    assert!(evaluation.false_alarms() <= 0.005, "{evaluation}");
    assert!(evaluation.services() >= 0.870, "{evaluation}");
    assert!(evaluation.invented_services() <= 0.030, "{evaluation}");
    assert!(evaluation.types() >= 0.972, "{evaluation}");
    assert!(evaluation.verifications() >= 0.935, "{evaluation}");
    assert!(evaluation.verification_precision() >= 0.970, "{evaluation}");
}

#[test]
fn hard_negatives_have_no_code() {
    let mut evaluation = Evaluation::default();
    let mut languages = std::collections::BTreeSet::new();
    for line in NEGATIVES.lines() {
        let label: LabelledText = serde_json::from_str(line).unwrap();
        assert_eq!(label.message_type, MessageType::Sms, "{}", label.text);
        evaluation.add(&label, &read(&label.text, None));
        languages.insert(label.lang);
    }
    assert!(NEGATIVES.lines().count() >= 1_400 && languages.len() >= 30);
    assert!(evaluation.false_alarms() <= 0.005, "{evaluation}");
    assert!(evaluation.types() >= 0.985, "{evaluation}");
}

#[test]
fn strong_and_weak_keywords() {
    for (text, right) in [
        ("Your verification code is 482913", Some("482913")),
        ("OTP: 9041", Some("9041")),
        ("验证码 613920", Some("613920")),
        ("رمز التحقق 613920", Some("613920")),
        ("รหัสยืนยัน 613920", Some("613920")),
        // "Code" and "PIN" need support, and yield to evidence against them.
        ("Your code is 482913", Some("482913")),
        ("Indirim kodu YAZ2030 ile %20 indirim", None),
        ("ใช้โค้ดส่วนลด 482913 ลดทันที 100 บาท", None),
        ("Selamat! PIN pemenang Anda 482913 hubungi 081234567890", None),
        ("Quote claim code 4041 to collect your prize", None),
    ] {
        assert_eq!(code(text).as_deref(), right, "{text}");
    }
}

#[test]
fn disqualified_keywords() {
    for text in [
        "Use promo code 482913 at checkout",
        "Your coupon code: 482913",
        "Postal code 10115",
        "Order code 482913 has shipped",
        "Tracking code 482913",
        "Your booking code is 482913",
        "Dress code 1980, doors open at eight",
        "取件码 482913",
        "订单号 482913",
        "注文番号 482913",
        "รหัสส่วนลด 482913",
        "indirim kodun 482913",
        "fırsat kodu 482913",
        "Kode undian 482913",
        "کد پستی 482913",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn a_warning_alone_has_no_code() {
    let notice = "Rs 4,500 debited from a/c XX4821 on 12-03. Avl bal Rs 90210. Never share your OTP with anyone.";
    assert_eq!(code(notice), None);
    assert_eq!(read(notice, None).message_type, MessageType::Sms);
    assert_eq!(code("Do not share your OTP 482913 with anyone"), Some("482913".to_owned()));
    for text in [
        "Never share your OTP. Report fraud: 482913",
        "Bank staff never ask for your OTP. Report to 482913",
        "Never give your OTP to callers, 482913 complaints came last year",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn punctuation_in_and_around_numbers() {
    assert_eq!(code("【腾讯】验证码：134560，5分钟内有效").as_deref(), Some("134560"));
    assert_eq!(code("【腾讯】验证码：１３４５６０，５分钟内有效").as_deref(), Some("134560"));
    assert_eq!(code("Rs. 1000.00 paid. OTP 482913").as_deref(), Some("482913"));
    assert_eq!(code("Der Code für 1.234,50 EUR ist 9401").as_deref(), Some("9401"));
    assert_eq!(code("รหัสของคุณคือ 784329").as_deref(), Some("784329"));
}

#[test]
fn texts_without_a_keyword() {
    for (text, right) in [
        ("482913", "482913"),
        ("G-482913", "482913"),
        ("Register with 482913", "482913"),
        ("Registrieren Sie sich mit 482913", "482913"),
        ("Zarejestruj się za pomocą 482913", "482913"),
        ("482913 ile kaydolun", "482913"),
        ("482913で登録", "482913"),
        ("با 482913 ثبت نام کنید", "482913"),
        ("Enter 1894 into LINE", "1894"),
        ("Use 482913 to verify your number", "482913"),
    ] {
        assert_eq!(code(text).as_deref(), Some(right), "{text}");
    }
    for text in [
        "See you at 1830",
        "Meet in room 4021",
        "Happy 2027!",
        "1234 steps today",
        "Transfer 250000 done",
        "Order 482913 confirmed",
        "Hello 482913",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn a_distant_keyword_before_other_numbers() {
    let text = "OTP for payment of Rs 12,499.00 at Some Long Merchant Name Private Limited on card ending 4821 on \
                12-03-2026 is 730164. Valid for 5 min.";
    assert_eq!(code(text).as_deref(), Some("730164"));
}

#[test]
fn numbers_that_are_something_else() {
    for text in [
        "Your code is being sent. Call +1 415 555 0100 for help",
        "Security alert: card ending 4821 was used on 12/03/2026 at 14:30",
        "Code of conduct: see https://example.com/code/482913",
        "Mail code@example482913.com about the code",
        "Your password changed at 16:45",
        "20min left of your session, code of the day",
        "Dial *131# for your PIN balance of 5000 points",
        "Send code to win to 87121",
        "Authentification 50% done",
    ] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn digits_of_every_script_and_invisible_marks() {
    for (text, right) in [
        ("Your code is ٤٨٢٩١٣", "482913"),
        ("Your code is ۴۸۲۹۱۳", "482913"),
        ("Your code is ४८२९१३", "482913"),
        ("Your code is ৪৮২৯১৩", "482913"),
        ("Your code is ๔๘๒๙๑๓", "482913"),
        ("Your code is ４８２９１３", "482913"),
        ("Your code is 𝟒𝟖𝟐𝟗𝟏𝟑", "482913"),
        ("Your code is 48\u{200c}29\u{200b}13", "482913"),
        ("Your code is \u{202a}482913\u{202c}", "482913"),
        ("Your code is 48\u{ad}2913", "482913"),
        ("Your code is 482 913", "482913"),
        ("Your code is 482-913", "482913"),
        ("Your code is 482\u{2011}913", "482913"),
        ("Your code is 48 29 13", "482913"),
        ("Your code is 4 8 2 9 1 3", "482913"),
        ("Your code is 4829-1307", "48291307"),
        ("G-482913 is your Google verification code", "482913"),
        ("TAN: KQS-548142", "548142"),
        ("Your login code is 7K4Q9Z", "7K4Q9Z"),
    ] {
        assert_eq!(code(text).as_deref(), Some(right), "{text}");
    }
}

#[test]
fn origin_bound_codes_and_the_sms_retriever() {
    let bound = "Your order is on its way, and this is something else: 9999.\n\n@login.example.com #482913";
    let otp = read(bound, None).otp.unwrap();
    assert_eq!((otp.code.as_str(), otp.service.as_deref()), ("482913", Some("example.com")));
    assert_eq!(otp.score.as_percent(), 99);
    let framed = "482913 is your Example code.\n@shop.example #482913 @pay.example";
    assert_eq!(code(framed).as_deref(), Some("482913"));
    // Similar, but not the format.
    assert_eq!(code("Open the app: @m.facebook.com #fb"), None);
    let flattened = "Your Apple ID code is: 482913. Don't share it. @apple.com #482913 %apple.com";
    assert_eq!(code(flattened).as_deref(), Some("482913"));
    for (advertised, right) in [
        ("Your code is 482913. Follow @acme.com #promo2024", Some("482913")),
        ("Contact us @acme.com #2024", None),
        ("See you tonight @joes.bar #1234", None),
    ] {
        assert_eq!(code(advertised).as_deref(), right, "{advertised}");
    }
    // Neither a name at the end nor a code is a hash.
    assert_eq!(service("482913 is your login code.\nMastercard").as_deref(), Some("Mastercard"));
    assert_eq!(code("Your verification code is Ab3dE6gH9k").as_deref(), Some("Ab3dE6gH9k"));
    // The hash is neither a code nor a name.
    let retriever = "<#> 482913 is your Example code\nFA+9qCX9VSu";
    assert_eq!((code(retriever), service(retriever)), (Some("482913".to_owned()), Some("Example".to_owned())));
}

#[test]
fn services() {
    for (text, right) in [
        ("【抖音】验证码9316，用于手机验证", "抖音"),
        ("[TikTok] 482913 is your verification code", "TikTok"),
        ("482913 is your GitHub authentication code.", "GitHub"),
        ("Your Fernly verification code is 482913", "Fernly"),
        ("Fernly: 482913 is your code", "Fernly"),
        ("Use 482913 to sign in to Fernly.", "Fernly"),
        ("Votre code de vérification Fernly est 482913", "Fernly"),
        ("Ihr Fernly-Sicherheitscode lautet 482913", "Fernly"),
        ("Ваш код подтверждения Сбербанк: 482913", "Сбербанк"),
        ("G-482913", "Google"),
        ("Your Login.gov code is 482913", "Login.gov"),
    ] {
        assert_eq!(service(text).as_deref(), Some(right), "{text}");
    }
    let sent_by = |sender: &str| {
        let sender = Sender::parse("sender", sender).unwrap();
        read("Your code is 482913", Some(&sender)).otp.unwrap().service
    };
    assert_eq!(sent_by("GitHub").as_deref(), Some("GitHub"));
    assert_eq!(sent_by("VM-HDFCBK-S").as_deref(), Some("HDFCBK"));
    assert_eq!(sent_by("+14155550100"), None);
    assert_eq!(sent_by("VERIFY"), None);
}

#[test]
fn words_that_address_the_reader_are_not_a_service() {
    for text in [
        "您的验证码是482913，5分钟内有效",
        "你的验证码是482913",
        "您的登录密码是482913",
        "您的驗證碼為 482913",
        "您的手机验证码是482913",
        "尊敬的客户：您的验证码为482913",
        "尊敬的客户您的验证码是482913",
        "您尾号4471的银行卡验证码是882134",
        "订单12345678的验证码是4471",
        "Dear customer, your code is 482913",
        "We sent you code 482913",
        "482913 is your login code (Ref: KGYT)",
    ] {
        assert_eq!(service(text), None, "{text}");
    }
}

#[test]
fn a_code_for_something_numbered() {
    for (text, right) in [
        ("Your code for phone ending 0100 is 482913", "482913"),
        ("Your code for user 482913 is 7731", "7731"),
        ("Your verification code for 482913 is 7731", "7731"),
        ("Ihr Einmalpasswort lautet\n\n482913", "482913"),
        ("Your WhatsApp code for order 482913 is 7731", "7731"),
        ("Ihr Code für Auftrag 482913 lautet 7731", "7731"),
        ("Votre code pour la commande 482913 est 7731", "7731"),
        ("Your code for order 482913 is 7731", "7731"),
        ("We sent a code to 5550100. Enter 482913", "482913"),
        ("Your code no. 482913", "482913"),
    ] {
        assert_eq!(code(text).as_deref(), Some(right), "{text}");
    }
}

#[test]
fn requests_to_verify_without_a_code() {
    for text in [
        "Tap to verify your e-mail address: https://example.com/verify?t=8f3a",
        "New sign-in to your account from Chrome. Was this you? https://example.com/security",
        "Visit this link to reset your password on Fernly: https://example.com/reset?code=AB12CD34",
    ] {
        let extraction = read(text, None);
        assert_eq!((extraction.message_type, extraction.otp), (MessageType::Verification, None), "{text}");
    }
    for text in ["Hi, how are you?", "Flat 50% off! Click https://example.com/sale", "Your parcel was delivered."] {
        assert_eq!(read(text, None).message_type, MessageType::Sms, "{text}");
    }
}

#[test]
fn codes_of_letters_alone() {
    assert_eq!(code("TRUSTED LOCATION PASSCODE: qelbor").as_deref(), Some("qelbor"));
    assert_eq!(code("Your passcode: expired"), None);
}

#[test]
fn a_code_that_is_not_to_be_used_is_not_chosen() {
    for text in [
        "Your old code 111222 has expired, your new code is 482913.",
        "Do not use 111222, use 482913 to sign in.",
        "Your new code is 482913; the previous code 111222 no longer works.",
        "Der alte Code 111222 ist abgelaufen, Ihr neuer Code lautet 482913.",
        "Старый код 111222 недействителен, новый код 482913.",
        "旧验证码111222已失效，新验证码为482913。",
        "Your card PIN is 7712, your one-time password is 482913.",
    ] {
        assert_eq!(code(text).as_deref(), Some("482913"), "{text}");
    }
    assert_eq!(code("Your code 111222 has expired."), None);
}

#[test]
fn a_number_alone_on_its_line() {
    for text in [
        "482913\nEnter this code to confirm your number.",
        "Pour vous identifier, utilisez ce code.\nValable 10 minutes.\n482913",
        "482913\nВведите этот код для входа.",
        "482913\n上記の番号を入力してログインしてください。",
        "482913 (valid 5 min)",
    ] {
        assert_eq!(code(text).as_deref(), Some("482913"), "{text}");
    }
    for text in ["Happy birthday!\n482913\nMum", "Order number:\n482913\nThank you for your order"] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn no_fragment_of_a_longer_token_is_a_code() {
    for text in ["Your code is in file 123_456_report.pdf", "Job run_482913_a7 finished, exit code 0."] {
        assert_eq!(code(text), None, "{text}");
    }
    for text in ["Your verification code is 482... (part 1 of 2)", "(1/2) Your Fernly verification code is 48291"] {
        assert_eq!(code(text), None, "{text}");
    }
    assert_eq!(code("(1/2) Your code is 482913. Do not").as_deref(), Some("482913"));
    assert_eq!(code("(2/2) Your code is 482913").as_deref(), Some("482913"));
    assert_eq!(code("Your verification code is 4829_1300").as_deref(), Some("48291300"));
    assert_eq!(code("Your verification code is 482 91 30").as_deref().filter(|code| code.len() < 6), None);
}

#[test]
fn unusual_texts() {
    for text in
        ["", " ", "\0", "\u{feff}", "#", "@ #", "@a.b #", "【】", "[", "<#>", "a\0b 482913", "\u{202e}", "OTP", "-"]
    {
        let _ = read(text, None);
    }
    assert_eq!(code("Your code is\u{0}482913").as_deref(), Some("482913"));
    // Longer than any code.
    assert_eq!(code(&format!("Your code is {}", "7".repeat(40))), None);
}

#[test]
fn the_explanation_lists_words_and_numbers() {
    let explanation = super::explain("Your Fernly code is 482913");
    assert!(
        explanation.contains("word    code")
            && explanation.contains("weak_keywords")
            && explanation.contains("number  482913"),
        "{explanation}"
    );
}

fn steps(text: &str) -> usize {
    reader::read(text, "").steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_read(text in any::<String>(), sender in any::<String>()) {
        let reading = reader::read(&text, &sender);
        if let Some(code) = reading.code {
            prop_assert!(code.code.len() >= 3 && code.code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn any_text_of_lexicon_words_can_be_read(parts in prop::collection::vec(prop::sample::select(PARTS), 0..40)) {
        let text = parts.concat();
        let extraction = read(&text, None);
        prop_assert_eq!(extraction.otp.is_some(), extraction.message_type == MessageType::Otp);
        if let Some(otp) = extraction.otp {
            prop_assert!(otp.is_valid());
            // The characters of the code are in the text, in order.
            let folded: String = text.chars().filter_map(|c| super::normalize_code(&c.to_string().repeat(3))).map(|three| three[..1].to_owned()).collect();
            let mut rest = folded.chars();
            prop_assert!(otp.code.chars().all(|c| rest.any(|other| other == c)), "{} in {}", otp.code, text);
        }
    }

    /// Twice the text takes at most twice the steps, and those for names where only the longer one has a code.
    #[test]
    fn steps_are_linear_in_the_length_of_the_text(
        parts in prop::collection::vec(prop::sample::select(PARTS), 1..6),
        times in 20_usize..200,
        in_front in any::<bool>(),
    ) {
        let part = parts.concat();
        // With a code at the start, the names in a text are examined as well.
        let front = if in_front { "Your OTP code is 482913 https://x/" } else { "" };
        let steps = |times: usize| steps(&format!("{front}{}", part.repeat(times)));
        let (once, twice) = (steps(times), steps(2 * times));
        prop_assert!(twice <= 2 * once + 3_000, "{once} steps, then {twice}, of {part:?}");
        let bytes = part.len() * times;
        prop_assert!(once <= 40 * bytes + 2_000, "{once} steps for {bytes} bytes of {part:?}");
    }

    #[test]
    fn a_link_at_the_end_changes_nothing(number in 100_000_u32..1_000_000) {
        let text = format!("Your Fernly verification code is {number}");
        let right = Some(number.to_string());
        prop_assert_eq!(code(&text), right.clone());
        prop_assert_eq!(code(&format!("{text} https://example.com/{number}")), right);
    }
}

/// Parts of texts, including difficult ones.
const PARTS: &[&str] = &[
    "7",
    "1234",
    "482913",
    " ",
    "\n",
    ".",
    ",",
    ":",
    "-",
    "/",
    "@",
    "#",
    "*",
    "a.",
    "1 ",
    "12-",
    "code ",
    "OTP ",
    "your ",
    "is ",
    "https://a.b/",
    "www.",
    "a@b.",
    "<#> ",
    "【",
    "】",
    "[",
    "]",
    "รหัส",
    "验证码",
    "код ",
    "kodunuz ",
    "Rs. ",
    "min ",
    "G-",
    "x",
    "X1234",
    "(",
    ")",
    "+",
    "٤٨",
    "Fernly",
    "\u{200b}",
    "é",
    "'",
    "“",
    "ref ",
    "do not share ",
    "verify ",
    "%",
    "ab1",
    "ا1",
    "您的",
];
