//! The channel that a message came through.

use serde::{Deserialize, Serialize};

/// The channel that a message came through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A text message.
    #[default]
    Sms,
    /// A message with files, or with a subject.
    Mms,
    /// WhatsApp.
    Whatsapp,
    /// Rich Communication Services.
    Rcs,
    /// An e-mail, which a gateway delivers like a message.
    Email,
    /// A call, whose words were written down.
    Voice,
    /// One that has no name here, or one that only a newer version knows.
    #[serde(other)]
    Other,
}

impl Channel {
    /// Every channel.
    pub const ALL: &[Self] = &[Self::Sms, Self::Mms, Self::Whatsapp, Self::Rcs, Self::Email, Self::Voice, Self::Other];

    /// The word stored in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mms => "mms",
            Self::Whatsapp => "whatsapp",
            Self::Rcs => "rcs",
            Self::Email => "email",
            Self::Voice => "voice",
            Self::Other => "other",
        }
    }

    /// The channel of a word stored in the database.
    #[must_use]
    pub fn stored(word: &str) -> Self {
        Self::ALL.iter().copied().find(|channel| channel.as_str() == word).unwrap_or(Self::Other)
    }

    /// The channel that a provider names, in any of the usual spellings.
    ///
    /// ```
    /// # use otpwire::domain::Channel;
    /// assert_eq!(Channel::named("WhatsApp"), Channel::Whatsapp);
    /// assert_eq!(Channel::named("E-Mail"), Channel::Email);
    /// assert_eq!(Channel::named("telegram"), Channel::Other);
    /// ```
    #[must_use]
    pub fn named(word: &str) -> Self {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        match word.to_ascii_lowercase().as_str() {
            "" | "sms" | "text" | "longcode" | "shortcode" | "tollfree" => Self::Sms,
            "mms" => Self::Mms,
            "whatsapp" | "wa" => Self::Whatsapp,
            "rcs" | "rbm" => Self::Rcs,
            "email" | "mail" | "mailto" => Self::Email,
            "voice" | "call" | "sip" | "sips" | "voicemail" => Self::Voice,
            _ => Self::Other,
        }
    }

    /// The prefixes of addresses that name a channel.
    const PREFIXES: [&str; 15] = [
        "sms",
        "mms",
        "whatsapp",
        "rcs",
        "rbm",
        "mailto",
        "email",
        "voice",
        "sip",
        "sips",
        "messenger",
        "viber",
        "line",
        "wechat",
        "telegram",
    ];

    /// Splits the channel off an address that names one: `whatsapp:+14155550100`.
    ///
    /// ```
    /// # use otpwire::domain::Channel;
    /// assert_eq!(Channel::split("whatsapp:+14155550100"), Some((Channel::Whatsapp, "+14155550100")));
    /// assert_eq!(Channel::split("Re: your order"), None);
    /// ```
    #[must_use]
    pub fn split(address: &str) -> Option<(Self, &str)> {
        let (prefix, rest) = address.split_once(':')?;
        let is_known = Self::PREFIXES.iter().any(|known| known.eq_ignore_ascii_case(prefix));
        let is_address = !rest.is_empty() && !rest.starts_with(char::is_whitespace);
        (is_known && is_address).then(|| (Self::named(prefix), rest))
    }

    /// The channel that an address shows: by its prefix, or because it is an e-mail address.
    #[must_use]
    pub fn of_address(address: &str) -> Self {
        match Self::split(address) {
            Some((channel, _)) => channel,
            None if email_address::EmailAddress::is_valid(address) => Self::Email,
            None => Self::Sms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_its_channel() {
        for (address, channel) in [
            ("+14155550100", Channel::Sms),
            ("GOOGLE", Channel::Sms),
            ("whatsapp:+14155550100", Channel::Whatsapp),
            ("WhatsApp:+14155550100", Channel::Whatsapp),
            ("rcs:brand_x1y2_agent", Channel::Rcs),
            ("sip:alice@example.com", Channel::Voice),
            ("messenger:1234567890", Channel::Other),
            ("someone@example.com", Channel::Email),
            ("mailto:someone@example.com", Channel::Email),
            ("a@b", Channel::Email),
            ("Shop: sale", Channel::Sms),
            ("line: 4", Channel::Sms),
            ("rcs:", Channel::Sms),
        ] {
            assert_eq!(Channel::of_address(address), channel, "{address}");
        }
    }

    #[test]
    fn words_are_stored() {
        for channel in Channel::ALL {
            assert_eq!(Channel::stored(channel.as_str()), *channel);
            assert_eq!(Channel::named(channel.as_str()), *channel);
            let json = serde_json::to_string(channel).unwrap();
            assert_eq!(json, format!("\"{}\"", channel.as_str()));
        }
        assert_eq!(Channel::stored("carrier pigeon"), Channel::Other);
        // During an upgrade, a newer replica may send an event with a channel that this one does not know.
        assert_eq!(serde_json::from_str::<Channel>("\"pigeon\"").unwrap(), Channel::Other);
    }
}
