//! The tags of lexicon entries: what a word says about a number near it.

use std::fmt;

/// A set of tags. It is a set because a word may mean different things in different languages, and the reader does not
/// detect the language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Tags(u32);

/// The name of each tag, in the order of their bits: the lists of `lexicon.toml`, and `services`.
const NAMES: [&str; 25] = [
    "keywords",
    "weak_keywords",
    "qualifiers",
    "disqualifiers",
    "labels",
    "verbs",
    "purposes",
    "copulas",
    "cues",
    "warnings",
    "prompts",
    "alerts",
    "units",
    "commerce",
    "services",
    "stopwords",
    "currencies",
    "finished",
    "outdated",
    "fixed",
    "announcements",
    "accounts",
    "threats",
    "receipts",
    "drivers",
];

impl Tags {
    /// "OTP", "verification code".
    pub(in super::super) const KEYWORD: Self = Self(1);
    /// "code", "PIN".
    pub(in super::super) const WEAK_KEYWORD: Self = Self(1 << 1);
    /// "verification", "login".
    pub(in super::super) const QUALIFIER: Self = Self(1 << 2);
    /// "promo", "postal".
    pub(in super::super) const DISQUALIFIER: Self = Self(1 << 3);
    /// "order", "ref".
    pub(in super::super) const LABEL: Self = Self(1 << 4);
    /// "enter", "use".
    pub(in super::super) const VERB: Self = Self(1 << 5);
    /// "log in", "confirm".
    pub(in super::super) const PURPOSE: Self = Self(1 << 6);
    /// "is", "is your".
    pub(in super::super) const COPULA: Self = Self(1 << 7);
    /// "valid for", "expires in".
    pub(in super::super) const CUE: Self = Self(1 << 8);
    /// "do not share".
    pub(in super::super) const WARNING: Self = Self(1 << 9);
    /// "click", "reply YES".
    pub(in super::super) const PROMPT: Self = Self(1 << 10);
    /// "new sign-in".
    pub(in super::super) const ALERT: Self = Self(1 << 11);
    /// "minutes", "GB".
    pub(in super::super) const UNIT: Self = Self(1 << 12);
    /// "discount", "parcel".
    pub(in super::super) const COMMERCE: Self = Self(1 << 13);
    /// The name of a service.
    pub(in super::super) const SERVICE: Self = Self(1 << 14);
    /// A common word that no service is named after.
    pub(in super::super) const STOPWORD: Self = Self(1 << 15);
    /// "Rs", "EUR".
    pub(in super::super) const CURRENCY: Self = Self(1 << 16);
    /// "has been changed".
    pub(in super::super) const FINISHED: Self = Self(1 << 17);
    /// "old code", "has expired", "do not use".
    pub(in super::super) const OUTDATED: Self = Self(1 << 18);
    /// "voicemail", "gift card".
    pub(in super::super) const FIXED: Self = Self(1 << 19);
    /// "will arrive", "we sent".
    pub(in super::super) const ANNOUNCEMENT: Self = Self(1 << 20);
    /// "e-mail address", "log in".
    pub(in super::super) const ACCOUNT: Self = Self(1 << 21);
    /// "is suspended", "will be blocked".
    pub(in super::super) const THREAT: Self = Self(1 << 22);
    /// "appointment", "payment successful".
    pub(in super::super) const RECEIPT: Self = Self(1 << 23);
    /// "to the driver".
    pub(in super::super) const DRIVER: Self = Self(1 << 24);

    pub(in super::super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(in super::super) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(in super::super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(in super::super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The tags of a phrase that contains a match with the tags `inner`: "do not share this code" is about a code too.
    pub(super) fn with_inner(self, inner: Self) -> Self {
        // What a text is about hides nothing, and is not hidden.
        const TOPICS: Tags = Tags::ACCOUNT.or(Tags::THREAT).or(Tags::RECEIPT).or(Tags::DRIVER);
        if self.intersects(TOPICS) && self.without(TOPICS.or(Tags::QUALIFIER).or(Tags::STOPWORD)).is_empty() {
            return self.or(inner);
        }
        self.with_inner_phrase(inner).or(inner.and(TOPICS))
    }

    fn with_inner_phrase(self, inner: Self) -> Self {
        const KEYWORDS: Tags = Tags::KEYWORD.or(Tags::WEAK_KEYWORD);
        const PHRASES: Tags = Tags::VERB
            .or(Tags::PURPOSE)
            .or(Tags::COPULA)
            .or(Tags::CUE)
            .or(Tags::WARNING)
            .or(Tags::PROMPT)
            .or(Tags::ALERT)
            .or(Tags::FINISHED);
        const SOMETHING_ELSE: Tags =
            Tags::DISQUALIFIER.or(Tags::FIXED).or(Tags::OUTDATED).or(Tags::LABEL).or(Tags::UNIT).or(Tags::COMMERCE);
        if self.intersects(Self::WEAK_KEYWORD) && !self.intersects(Self::FIXED.or(Self::OUTDATED)) {
            // A compound: "Sicherheitscode", "Gutscheincode".
            return self.or(inner.and(Self::QUALIFIER.or(Self::DISQUALIFIER).or(Self::FINISHED)));
        }
        if self.intersects(Self::COMMERCE) && !self.intersects(KEYWORDS) {
            return self.or(inner.and(Self::DISQUALIFIER));
        }
        if self.intersects(PHRASES) && !self.intersects(SOMETHING_ELSE) {
            return self.or(inner.and(KEYWORDS.or(Self::QUALIFIER).or(Self::FINISHED)));
        }
        self
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| *name);
        f.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}
