//! Metamorphic tests: a text that is read rightly is also read rightly with its code in another shape, and a text
//! without a code has none either when a warning follows.

use super::{LabelledText, read};
use crate::domain::MessageType;

const TEXTS: &str = include_str!("../../../tests/data/codes.jsonl");
const NEGATIVES: &str = include_str!("../../../tests/data/codes-negatives.jsonl");

fn labelled() -> impl Iterator<Item = LabelledText> {
    TEXTS.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn code(text: &str) -> Option<String> {
    read(text, None).otp.map(|otp| otp.code)
}

/// Numbers that look random and are the same in each run.
struct Digits(u64);

impl Digits {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn take(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.next(10)).unwrap())).collect()
    }

    fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
        (0..count).map(|_| char::from(LETTERS[usize::try_from(self.next(20)).unwrap()])).collect()
    }
}

/// The shapes: a name, a code as it is written, and as it is typed in.
fn shapes(digits: &mut Digits) -> Vec<(&'static str, String, String)> {
    let six = digits.take(6);
    let parts = |len: usize, separator: &str| {
        six.as_bytes().chunks(len).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join(separator)
    };
    let replaced =
        |replace: fn(u32) -> String| six.bytes().map(|byte| replace(u32::from(byte - b'0'))).collect::<String>();
    let circled = |digit: u32| char::from_u32(if digit == 0 { 0x24EA } else { 0x245F + digit }).unwrap().to_string();
    let mixed = format!("{}-{}{}{}", digits.letters(3), digits.take(1), digits.letters(1), digits.take(1));
    let prefix = digits.letters(3).to_lowercase();
    let same = |name, written: String| (name, written.clone(), written);
    vec![
        ("letters and digits with a hyphen", mixed.clone(), mixed.replace('-', "")),
        same("three digits", digits.take(3)),
        same("nine digits", digits.take(9)),
        same("ten digits", digits.take(10)),
        ("keycaps", replaced(|digit| format!("{digit}\u{FE0F}\u{20E3}")), six.clone()),
        ("circled digits", replaced(circled), six.clone()),
        ("a tag", format!("<b>{six}</b>"), six.clone()),
        ("entities", format!("&nbsp;{six}&nbsp;"), six.clone()),
        ("quotes", format!("\u{201C}{six}\u{201D}"), six.clone()),
        ("a prefix of one letter", format!("g-{six}"), six.clone()),
        ("a prefix of letters", format!("{prefix}-{six}"), six.clone()),
        ("points", parts(2, "."), six.clone()),
        ("a slash", parts(3, "/"), six.clone()),
        ("an underscore", parts(3, "_"), six.clone()),
        ("spaces", parts(1, " "), six.clone()),
    ]
}

#[test]
fn a_code_may_have_any_shape() {
    let mut digits = Digits(19);
    let mut counts = std::collections::BTreeMap::<&str, (u32, u32)>::new();
    for label in labelled() {
        let Some(written) = label.code.filter(|code| code.len() >= 4 && code.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            continue;
        };
        let Some((before, after)) = label.text.split_once(&written) else { continue };
        let is_edge =
            |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || matches!(c, ':' | '.' | ',' | '。' | '，'));
        let is_alone =
            is_edge(before.chars().next_back()) && is_edge(after.chars().next()) && !after.contains(&written);
        if !is_alone || code(&label.text).as_deref() != Some(&written) {
            continue;
        }
        for (name, written, right) in shapes(&mut digits) {
            let count = counts.entry(name).or_default();
            count.1 += 1;
            count.0 += u32::from(code(&format!("{before}{written}{after}")).is_some_and(|code| code.ends_with(&right)));
        }
    }
    for (name, (right, all)) in counts {
        assert!(all > 1_000, "{name}: only {all} texts");
        assert!(f64::from(right) / f64::from(all) >= 0.95, "{name}: {right} of {all}");
    }
}

/// Letters alone are a code only where a clear word says so.
#[test]
fn letters_are_a_code_behind_a_clear_word() {
    let mut digits = Digits(20);
    for frame in [
        "Your verification code is {}.",
        "Your one-time passcode: {}. It expires in 5 minutes.",
        "{} is your verification code.",
        "Ihr Sicherheitscode lautet: {}",
        "Votre code de vérification est {}",
        "Su código de verificación es {}.",
        "Il tuo codice di verifica è {}",
        "O seu código de verificação é {}.",
        "Twój kod weryfikacyjny to {}",
        "Ваш код подтверждения: {}",
        "Doğrulama kodunuz: {}",
        "認証コード：{}",
        "您的验证码是{}，请勿泄露。",
        "인증번호는 {} 입니다",
        "รหัสยืนยันของคุณคือ {}",
    ] {
        for _ in 0..20 {
            let letters = digits.letters(6);
            let text = frame.replace("{}", &letters);
            assert_eq!(code(&text), Some(letters), "{text}");
        }
    }
    for text in ["Your verification code is INVALID.", "Your code is on its way. ACME", "Please CONFIRM your order."] {
        assert_eq!(code(text), None, "{text}");
    }
}

#[test]
fn a_warning_after_a_text_adds_no_code() {
    let negatives = NEGATIVES.lines().map(|line| serde_json::from_str::<LabelledText>(line).unwrap());
    let texts: Vec<_> = labelled()
        .chain(negatives)
        .filter(|label| label.message_type == MessageType::Sms)
        .map(|label| label.text)
        .collect();
    let alarms = |warning: &str| texts.iter().filter(|text| code(&format!("{text} {warning}")).is_some()).count();
    let before = alarms("");
    for warning in [
        "Never share your OTP with anyone.",
        "Our staff will never ask for your verification code.",
        "Ne communiquez jamais votre code à personne.",
        "No comparta su código con nadie.",
        "Никому не сообщайте код.",
        "Kodunuzu kimseyle paylaşmayın.",
        "请勿将验证码告知他人。",
        "認証コードを他人に教えないでください。",
    ] {
        let after = alarms(warning);
        // 0.3 points.
        assert!(
            after <= before + texts.len() * 3 / 1_000,
            "{warning}: {after}, without it {before}, of {}",
            texts.len()
        );
    }
}
