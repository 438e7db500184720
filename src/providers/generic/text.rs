//! The encoding of a message's text, if it is not plain.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode, percent_encode};
use serde::Deserialize;

use crate::providers::kit::{Charset, decode_base64, decode_gsm, decode_hex, decode_text, encode_base64, encode_hex};

/// The encoding of a text: plain, or as encoded bytes in a character set.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct TextEncoding {
    transfer: TransferEncoding,
    /// The character set of the bytes, if the message names none.
    charset: Option<Charset>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum TransferEncoding {
    #[default]
    Plain,
    Hex,
    Base64,
    /// As in forms, where `+` is a space.
    Percent,
}

impl TryFrom<String> for TextEncoding {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (transfer, charset) =
            text.split_once(':').map_or((text.as_str(), None), |(transfer, name)| (transfer, Some(name)));
        let transfer = match transfer {
            "utf-8" if charset.is_none() => TransferEncoding::Plain,
            "hex" => TransferEncoding::Hex,
            "base64" => TransferEncoding::Base64,
            "percent" => TransferEncoding::Percent,
            _ => {
                return Err(
                    "must be utf-8, hex, base64 or percent; with a character set as in percent:iso-8859-1".into()
                );
            }
        };
        let known = |name| Charset::named(name).ok_or_else(|| format!("`{name}` is no character set that is known"));
        Ok(Self { transfer, charset: charset.map(known).transpose()? })
    }
}

impl TextEncoding {
    /// Decodes a text. `named` is the character set that the message names.
    pub(super) fn decode(self, text: &str, named: Option<&str>) -> Result<String, &'static str> {
        let named = named.map(Charset::named);
        let charset = named.flatten().or(self.charset).unwrap_or(Charset::Utf8);
        match self.transfer {
            TransferEncoding::Plain => Ok(text.to_owned()),
            TransferEncoding::Hex => Ok(decode_text(&decode_hex(text.trim()).ok_or("must be hexadecimal")?, charset)),
            TransferEncoding::Base64 => Ok(decode_text(&decode_base64(text.trim()).ok_or("must be base64")?, charset)),
            // Gateways that name the character set of each message do not encode UTF-8.
            TransferEncoding::Percent if matches!(named, Some(None | Some(Charset::Utf8))) => Ok(text.to_owned()),
            TransferEncoding::Percent if named.is_none() && self.charset.is_none() => Ok(text.to_owned()),
            TransferEncoding::Percent => {
                let spaced = text.replace('+', " ");
                Ok(decode_text(&percent_decode(spaced.as_bytes()).collect::<Vec<_>>(), charset))
            }
        }
    }

    /// Encodes a text. The second value is the character set, if the message is to name it.
    pub(super) fn encode(self, text: &str, is_named: bool) -> (String, &'static str) {
        let (charset, name) = match (self.transfer, is_named) {
            (TransferEncoding::Percent, true) => (Charset::Utf16Be, "UTF-16BE"),
            (_, true) => (Charset::Utf8, "UTF-8"),
            (_, false) => (self.charset.unwrap_or(Charset::Utf8), ""),
        };
        let bytes = encode_text(text, charset);
        let written = match self.transfer {
            TransferEncoding::Plain => text.to_owned(),
            TransferEncoding::Percent if !is_named && self.charset.is_none() => text.to_owned(),
            TransferEncoding::Hex => encode_hex(&bytes),
            TransferEncoding::Base64 => encode_base64(&bytes),
            TransferEncoding::Percent => percent_encode(&bytes, NON_ALPHANUMERIC).to_string(),
        };
        (written, name)
    }
}

/// Encodes a text in a character set. Characters that it lacks become question marks.
pub(super) fn encode_text(text: &str, charset: Charset) -> Vec<u8> {
    let single = |c: char, last: u32| u8::try_from(u32::from(c)).ok().filter(|&b| u32::from(b) <= last).unwrap_or(b'?');
    match charset {
        Charset::Utf8 => text.as_bytes().to_vec(),
        Charset::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Charset::Latin1 => text.chars().map(|c| single(c, 0xff)).collect(),
        Charset::Ascii => text.chars().map(|c| single(c, 0x7f)).collect(),
        Charset::Gsm => text.chars().flat_map(septets).collect(),
        Charset::Other(encoding) => text
            .chars()
            .flat_map(|c| match encoding.encode(c.encode_utf8(&mut [0; 4])) {
                (bytes, _, false) => bytes.into_owned(),
                (_, _, true) => b"?".to_vec(),
            })
            .collect(),
    }
}

/// A character in the GSM 7-bit default alphabet, or its extension table.
fn septets(c: char) -> Vec<u8> {
    let is = |octets: &[u8]| decode_gsm(octets).chars().eq([c]);
    let plain = (0..0x80).map(|octet| vec![octet]);
    let extended = (0..0x80).map(|octet| vec![0x1b, octet]);
    plain.chain(extended).find(|octets| is(octets)).unwrap_or_else(|| b"?".to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Your code is 482913: 50% + é & ñ";

    #[test]
    fn encoded_texts_are_decoded() {
        for name in [
            "utf-8",
            "hex",
            "base64:utf-16be",
            "hex:iso-8859-1",
            "percent:iso-8859-1",
            "percent",
            "hex:gsm",
            "percent:windows-1252",
        ] {
            let encoding = TextEncoding::try_from(name.to_owned()).unwrap();
            let (written, _) = encoding.encode(TEXT, false);
            assert_eq!(encoding.decode(&written, None).unwrap(), TEXT, "{name}");
            let (written, charset) = encoding.encode(TEXT, true);
            assert_eq!(encoding.decode(&written, Some(charset)).unwrap(), TEXT, "{name}");
        }
        for wrong in ["utf-16", "hex:ebcdic", "percent:", "utf-8:utf-8", "HEX", ""] {
            assert!(TextEncoding::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_may_name_its_character_set() {
        let read = |name: &str, text, named| TextEncoding::try_from(name.to_owned()).unwrap().decode(text, named);
        assert_eq!(read("percent", "%00M%00+%00%e9", Some("UTF-16BE")).unwrap(), "M é");
        assert_eq!(read("percent", "caf%e9+1", Some("ISO-8859-1")).unwrap(), "café 1");
        for plain in [None, Some("UTF-8"), Some("unheard of")] {
            assert_eq!(read("percent", "100%25 + 1", plain).unwrap(), "100%25 + 1");
        }
        assert_eq!(read("hex", "004d00E9", Some("ucs2")).unwrap(), "Mé");
        assert_eq!(read("hex", "4d", Some("unheard of")).unwrap(), "M");
        assert!(read("hex", "4", None).is_err());
        assert!(read("base64", "*", None).is_err());
    }
}
