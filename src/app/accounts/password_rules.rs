//! Which passwords are accepted: what is guessed first is refused.
//!
//! NIST SP 800-63B asks for a least length, no rules of composition, and a comparison with what attackers try first.

use secrecy::{ExposeSecret, SecretString};
use zxcvbn::{Score, zxcvbn};

use crate::{
    app::App,
    domain::{Error, Result},
};

/// The bounds of the length. The upper one bounds the cost of hashing; at least 64 must be allowed.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

impl App {
    /// Whether a user may have this password. `about` is what is known about the user, such as the address, which is
    /// tried first too.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when not.
    pub(super) async fn must_be_acceptable(&self, field: &str, password: &SecretString, about: &[&str]) -> Result<()> {
        must_have_the_form(field, password)?;
        let (password, about) = (password.clone(), about.iter().map(|text| (*text).to_owned()).collect());
        let is_obvious = self.accounts.passwords.run(move || is_obvious(password.expose_secret(), about)).await?;
        if is_obvious {
            let message = "is too easy to guess: use several words that do not belong together, or a random one";
            return Err(Error::invalid(field, message));
        }
        Ok(())
    }
}

/// What can be checked without looking at how obvious the password is, which is slower.
pub(super) fn must_have_the_form(field: &str, password: &SecretString) -> Result<()> {
    let password = password.expose_secret();
    if !LENGTH.contains(&password.chars().count()) {
        return Err(Error::invalid(field, "must have 8 to 128 characters"));
    }
    if password.contains(char::is_control) || password.trim().is_empty() {
        return Err(Error::invalid(field, "must not be blank, and must not have control characters"));
    }
    Ok(())
}

/// Whether it is among the first million guesses of somebody who knows the user: one of the commonest passwords, a
/// date, a row of keys, a repetition, the address, or a slight variation of any.
fn is_obvious(password: &str, mut about: Vec<String>) -> bool {
    // The parts of an address and of names are guessed as well as the whole.
    let parts: Vec<_> = about
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|part| part.chars().count() > 2)
        .map(str::to_owned)
        .collect();
    about.extend(parts);
    about.push("otpwire".to_owned());
    let about: Vec<_> = about.iter().map(String::as_str).collect();
    // What surrounds it is no part of it: spaces around a common password make it no better.
    let core = password.trim_matches(|c: char| c.is_whitespace() || c == '.' || c == '!');
    [password, core].into_iter().any(|text| zxcvbn(text, &about).score() < Score::Two)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn obvious_passwords_are_refused() {
        let about = || vec!["ada.lovelace@example.com".to_owned(), "Ada".to_owned(), "Lovelace".to_owned()];
        for password in [
            "password",
            "Password1",
            "P@ssw0rd!",
            "password123",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "football1",
            "aaaaaaaa",
            "abababab",
            "abcdefgh",
            "1q2w3e4r",
            "19870312",
            "letmein!!",
            "  password  ",
            "trustno1",
            "ada.lovelace@example.com",
            "Ada.Lovelace@example.com",
            "lovelace",
            "adalovelace",
            "otpwire1",
            "\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}",
        ] {
            assert!(is_obvious(password, about()), "{password}");
        }
        for password in [
            "correct horse battery",
            "SecurePassword123!",
            "EvenMoreSecure456!",
            "a quite different one",
            "xK3#vP9!q",
            "пароль не для всех",
            "とても長い合言葉です",
            "tr0mbone-quietly-73",
        ] {
            assert!(!is_obvious(password, about()), "{password}");
        }
        // A long text costs no more than a short one.
        assert!(is_obvious(&"ab".repeat(64), about()));
    }
}
