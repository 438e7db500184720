//! Code patterns: an operator's regular expressions for codes that the built-in reader does not find, for the messages
//! of one sender or of one account at a provider.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use regex::{Regex, RegexBuilder};

use super::{Error, OtpPatternId, ProviderId, Result, Sender, Service, otp};

/// A regular expression that finds a code. It has no look-around and no backreferences, so that a search takes time
/// linear in the length of the text.
#[derive(Clone, Debug)]
pub struct CodePattern(Regex);

/// What a pattern found.
#[derive(Clone, PartialEq, Eq)]
pub struct PatternMatch {
    /// The code, normalised.
    pub code: String,
    /// The service, if the pattern captures it.
    pub service: Option<Service>,
}

impl CodePattern {
    /// The longest pattern, in characters.
    pub const MAX: usize = 500;
    /// How much of a text is searched, in bytes: about ten segments of an SMS.
    pub const SEARCHED: usize = 1_600;
    /// The size limit of a compiled pattern, in bytes. It bounds the cost of a search.
    const COMPILED: usize = 512 * 1024;
    /// The size limit of a pattern's cache for searching, in bytes.
    const CACHED: usize = 256 * 1024;

    /// Compiles a pattern; `field` names the argument in the error.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it is empty, too long, not a regular expression, or too large when compiled; and when it
    /// has no capture group named `code`, or one named otherwise than `code` or `service`.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let invalid = |issue: String| Error::invalid(field, issue);
        if text.is_empty() {
            return Err(invalid(format!("must be a regular expression, such as {EXAMPLE}")));
        }
        if text.chars().count() > Self::MAX {
            return Err(invalid(format!("must have at most {} characters", Self::MAX)));
        }
        if text.contains('\0') {
            return Err(invalid("must not have the character NUL".to_owned()));
        }
        let mut builder = RegexBuilder::new(text);
        let regex = builder.size_limit(Self::COMPILED).dfa_size_limit(Self::CACHED).build();
        let regex = regex.map_err(|error| invalid(issue(&error)))?;
        let mut names = regex.capture_names().flatten();
        if let Some(other) = names.find(|name| !matches!(*name, "code" | "service")) {
            return Err(invalid(format!("captures `{other}`; only `code` and `service` are read")));
        }
        if regex.capture_names().flatten().all(|name| name != "code") {
            return Err(invalid(format!("must capture the code by name, as in {EXAMPLE}")));
        }
        Ok(Self(regex))
    }

    /// The source of the pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The first match in a text, if it is a code.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<PatternMatch> {
        let end = text.floor_char_boundary(Self::SEARCHED);
        let captures = self.0.captures(&text[..end])?;
        let code = captures.name("code")?;
        // A code at the cut may be incomplete.
        if code.end() == end && end < text.len() {
            return None;
        }
        let code = otp::normalize_code(code.as_str())?;
        // An invalid name is ignored.
        let service = captures.name("service").and_then(|name| Service::parse("service", name.as_str()).ok());
        Some(PatternMatch { code, service })
    }
}

const EXAMPLE: &str = "`code is (?<code>[0-9]{6})`";

/// The problem with a pattern, on one line.
fn issue(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            "is too large when it is compiled; use fewer or smaller repetitions, and [0-9] for \\d or [A-Z0-9] for \\w"
                .to_owned()
        }
        error => {
            // The last line is the message; the lines before show the position.
            let text = error.to_string();
            let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            let advice = match why {
                why if why.starts_with("look-around") => {
                    "; match what is around the code too, and capture the code alone"
                }
                why if why.starts_with("backreferences") => "; capture what may repeat once",
                _ => "",
            };
            format!("is not a regular expression that is understood here: {why}{advice}")
        }
    }
}

/// A stored pattern. It applies to the messages of a sender, of an account at a provider, or of a sender through an
/// account.
#[derive(Clone, Debug)]
pub struct OtpPattern {
    /// The id.
    pub id: OtpPatternId,
    /// Only for messages through this account.
    pub provider_id: Option<ProviderId>,
    /// Only for messages of this sender.
    pub sender: Option<Sender>,
    /// The source of the pattern.
    pub pattern: String,
    /// The service, if the pattern does not capture it.
    pub service: Option<Service>,
    /// Whether it is used.
    pub is_active: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A pattern to add.
#[derive(Clone, Debug)]
pub struct NewOtpPattern {
    /// Only for messages through this account.
    pub provider_id: Option<ProviderId>,
    /// Only for messages of this sender.
    pub sender: Option<Sender>,
    /// The pattern.
    pub pattern: CodePattern,
    /// The service, if the pattern does not capture it.
    pub service: Option<Service>,
    /// Whether it is used.
    pub is_active: bool,
}

impl NewOtpPattern {
    /// The maximum number of patterns. All that apply to a message may have to be tried.
    pub const MAX: u64 = 200;

    /// Validates what the pattern applies to.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` when it has neither a sender nor a provider.
    pub fn new(
        provider_id: Option<ProviderId>,
        sender: Option<Sender>,
        pattern: CodePattern,
        service: Option<Service>,
        is_active: bool,
    ) -> Result<Self> {
        if provider_id.is_none() && sender.is_none() {
            return Err(Error::invalid(
                "sender",
                "give a sender, a provider, or both; a pattern is not for all messages",
            ));
        }
        Ok(Self { provider_id, sender, pattern, service, is_active })
    }
}

/// A change of a pattern. `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct OtpPatternChange {
    /// The pattern.
    pub pattern: Option<CodePattern>,
    /// The service, if the pattern does not capture it; `Some(None)` removes it.
    pub service: Option<Option<Service>>,
    /// Whether it is used.
    pub is_active: Option<bool>,
}

/// The active patterns, in the order in which they are tried.
#[derive(Debug, Default)]
pub struct CodePatterns(Vec<(OtpPattern, Arc<CodePattern>)>);

impl CodePatterns {
    /// Orders patterns: first those for a sender through an account, then those for a sender, then those for an
    /// account; the oldest first.
    #[must_use]
    pub fn new(mut patterns: Vec<(OtpPattern, Arc<CodePattern>)>) -> Self {
        patterns.sort_by_key(|(pattern, _)| (pattern.sender.is_none(), pattern.provider_id.is_none(), pattern.id));
        Self(patterns)
    }

    /// The compiled pattern of this source, if there is one.
    #[must_use]
    pub fn compiled(&self, text: &str) -> Option<Arc<CodePattern>> {
        self.0.iter().find(|(_, compiled)| compiled.as_str() == text).map(|(_, compiled)| Arc::clone(compiled))
    }

    /// The first result of `search` among the patterns that apply to a message. A service that the pattern does not
    /// capture is the configured one.
    #[must_use]
    pub fn find(
        &self,
        provider: ProviderId,
        sender: &Sender,
        search: impl Fn(&CodePattern) -> Option<PatternMatch>,
    ) -> Option<PatternMatch> {
        let applies = |pattern: &OtpPattern| {
            pattern.provider_id.is_none_or(|id| id == provider)
                && pattern.sender.as_ref().is_none_or(|wanted| wanted.is(sender))
        };
        self.0.iter().filter(|(pattern, _)| applies(pattern)).find_map(|(pattern, compiled)| {
            let PatternMatch { code, service } = search(compiled)?;
            Some(PatternMatch { code, service: service.or_else(|| pattern.service.clone()) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<(String, Option<String>)> {
        let found = CodePattern::parse("pattern", pattern).unwrap().find(text)?;
        Some((found.code, found.service.map(|service| service.as_str().to_owned())))
    }

    #[test]
    fn an_invalid_pattern_is_refused_with_the_reason() {
        let long = format!("(?<code>[0-9]+){}", "x".repeat(500));
        for (pattern, issue) in [
            ("", "must be a regular expression, such as `code is (?<code>[0-9]{6})`"),
            (long.as_str(), "must have at most 500 characters"),
            ("a\0(?<code>b)", "must not have the character NUL"),
            ("[0-9]{6}", "must capture the code by name, as in `code is (?<code>[0-9]{6})`"),
            ("([0-9]{6})", "must capture the code by name, as in `code is (?<code>[0-9]{6})`"),
            ("(?<service>[a-z]+) [0-9]{6}", "must capture the code by name, as in `code is (?<code>[0-9]{6})`"),
            ("(?<code>[0-9]{6}) (?<srevice>.*)", "captures `srevice`; only `code` and `service` are read"),
            ("(?<code>[0-9]{6}", "is not a regular expression that is understood here: unclosed group"),
            (
                "(?<=code )(?<code>[0-9]{6})",
                "is not a regular expression that is understood here: look-around, including look-ahead and \
                 look-behind, is not supported; match what is around the code too, and capture the code alone",
            ),
            (
                r"(?<code>[0-9]{6}) \1",
                "is not a regular expression that is understood here: backreferences are not supported; capture what \
                 may repeat once",
            ),
            (
                r"(?<code>\w{200})\w{200}\w{200}",
                "is too large when it is compiled; use fewer or smaller repetitions, and [0-9] for \\d or [A-Z0-9] for \
                 \\w",
            ),
        ] {
            let error = CodePattern::parse("pattern", pattern).unwrap_err();
            assert_eq!(error.message(), format!("pattern: {issue}"));
        }
    }

    #[test]
    fn a_pattern_finds_a_code_and_a_service() {
        let is = |code: &str, service: Option<&str>| Some((code.to_owned(), service.map(str::to_owned)));
        for (pattern, text, expected) in [
            (r"PIN (?<code>\d{4})", "Ihr PIN 4829.", is("4829", None)),
            (r"(?<service>\w+): (?<code>[\d -]+)", "Acme: 482 - 913", is("482913", Some("Acme"))),
            (r"(?P<code>\d{6})", "४८२९१३", is("482913", None)),
            (r"(?i)code (?<code>[a-z0-9]{5})", "CODE aB3dE", is("aB3dE", None)),
            (r"(?:a (?<code>\d+)|b)", "b", None),
            (r"(?<code>\d+)", "1 or 482913", None),
            (r"(?<code>.+)", "no code at all", is("nocodeatall", None)),
            (r"(?<code>\d{4})(?<service>.*)", "4829", is("4829", None)),
            (r"(?<code>\d{4})", "none", None),
        ] {
            assert_eq!(found(pattern, text), expected, "{pattern} in {text}");
        }
        let any = "(?<code>[0-9]{4,6})\\b";
        let behind = |bytes: usize, text: &str| format!("{}{text}", "é".repeat(bytes / 2));
        assert_eq!(found(any, &behind(CodePattern::SEARCHED, " 1234")), None);
        assert_eq!(found(any, &behind(CodePattern::SEARCHED - 6, " 1234")), is("1234", None));
        // A cut is not the end of a word.
        assert_eq!(found(any, &behind(CodePattern::SEARCHED - 6, " 123456")), None);
        assert_eq!(found(r"(?<code>\d{6}) \p{Han}+\p{L}", "482913 验证码a"), is("482913", None));
    }

    #[test]
    fn no_pattern_backtracks() {
        let text = "a".repeat(CodePattern::SEARCHED);
        let wide = format!("{}1", "é9 ".repeat(CodePattern::SEARCHED / 3));
        // An engine that backtracks would not come back from these.
        for pattern in [
            r"(?<code>(a+)+$)b",
            r"(a|a)*(a|aa)+(?<code>b)",
            r"(?<code>(.*a){12})$x",
            r"[a-q][^u-z]{50}x(?<code>[0-9])",
            r"(?:\w\s?\w?){4}(?<code>zz)",
        ] {
            let pattern = CodePattern::parse("pattern", pattern).unwrap();
            assert!(pattern.find(&text).is_none() && pattern.find(&wide).is_none(), "{}", pattern.as_str());
        }
    }

    #[test]
    fn the_most_specific_pattern_is_tried_first_then_the_oldest() {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let pattern = |id: i32, provider: Option<i32>, sender: Option<&str>, pattern: &str| {
            let compiled = Arc::new(CodePattern::parse("pattern", pattern).unwrap());
            let sender = sender.map(|sender| Sender::parse("sender", sender).unwrap());
            let row = OtpPattern {
                id: OtpPatternId(id),
                provider_id: provider.map(ProviderId),
                sender,
                pattern: pattern.to_owned(),
                service: Some(Service::parse("service", &format!("pattern {id}")).unwrap()),
                is_active: true,
                created_at: at,
                updated_at: at,
            };
            (row, compiled)
        };
        let any = "(?<code>[0-9]{4})";
        let patterns = CodePatterns::new(vec![
            pattern(1, Some(1), None, any),
            pattern(2, None, Some("BANK"), any),
            pattern(3, Some(1), Some("bank"), "never (?<code>[0-9]{4})"),
            pattern(4, Some(1), Some("BANK"), any),
            pattern(5, Some(1), Some("BANK"), any),
            pattern(6, None, Some("bank"), any),
        ]);
        let by = |provider: i32, sender: &str| {
            let found = patterns.find(ProviderId(provider), &Sender::parse("from", sender).unwrap(), |pattern| {
                pattern.find("code 1234")
            })?;
            found.service.map(|service| service.as_str().to_owned())
        };
        assert_eq!(by(1, "Bank").as_deref(), Some("pattern 4"));
        assert_eq!(by(2, "BANK").as_deref(), Some("pattern 2"));
        assert_eq!(by(1, "SHOP").as_deref(), Some("pattern 1"));
        assert_eq!(by(2, "SHOP"), None);
    }
}
