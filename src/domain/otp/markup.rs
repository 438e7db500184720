//! HTML in texts: some senders' tags and character references (`<b>482913</b>`, `&nbsp;`) are delivered as they are.

/// A tag or a character reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    /// A tag within a line: `<b>`, `</span>`. (Not `<a>`: it has the address of a link.)
    Inline,
    /// A tag that ends a line: `<br>`, `</p>`.
    Block,
    /// A reference to a character: `&nbsp;`, `&#160;`.
    Char(char),
}

/// The longest tag and the longest reference, in bytes.
const MAX_TAG: usize = 100;
const MAX_REFERENCE: usize = 10;

const INLINE: [&str; 15] =
    ["b", "strong", "i", "em", "u", "span", "font", "code", "mark", "wbr", "small", "big", "tt", "kbd", "bdi"];
const BLOCK: [&str; 14] =
    ["br", "p", "div", "td", "tr", "table", "tbody", "li", "ul", "h1", "h2", "h3", "center", "pre"];
const REFERENCES: [(&str, char); 10] = [
    ("nbsp", ' '),
    ("quot", '"'),
    ("apos", '\''),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("shy", '\u{AD}'),
    ("zwnj", '\u{200C}'),
];

/// The markup at the start of a text, with its length in bytes.
pub(super) fn at_start(text: &str) -> Option<(Markup, usize)> {
    match text.as_bytes().first()? {
        b'<' => tag(text),
        b'&' => reference(text),
        _ => None,
    }
}

fn tag(text: &str) -> Option<(Markup, usize)> {
    // No further than the next `<`, so that the steps stay linear.
    let after = text[1..].bytes().take(MAX_TAG).position(|byte| matches!(byte, b'<' | b'>'))?;
    let end = after + 1;
    if text.as_bytes()[end] == b'<' {
        return None;
    }
    let inside = text[1..end].trim_start_matches('/').trim_end_matches('/');
    let name = inside.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let markup = if is_one_of(&INLINE) {
        Markup::Inline
    } else if is_one_of(&BLOCK) {
        Markup::Block
    } else {
        return None;
    };
    Some((markup, end + 1))
}

fn reference(text: &str) -> Option<(Markup, usize)> {
    let end = text.bytes().take(MAX_REFERENCE).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let number = match name.strip_prefix('#') {
        Some(number) => Some(match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        }),
        None => None,
    };
    let c = match number {
        Some(number) => char::from_u32(number).filter(|c| *c != '\0')?,
        None => REFERENCES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((Markup::Char(c), end + 1))
}

/// A part of a text without the tags after it.
pub(super) fn trim_tags(mut text: &str) -> &str {
    while text.ends_with('>')
        && let Some(start) = text.rfind('<')
        && matches!(tag(&text[start..]), Some((_, len)) if start + len == text.len())
    {
        text = text[..start].trim_end();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_references() {
        for (text, markup) in [
            ("<b>1", Some((Markup::Inline, 3))),
            ("</STRONG>", Some((Markup::Inline, 9))),
            ("<span style=\"color:red\">", Some((Markup::Inline, 24))),
            ("<br/>", Some((Markup::Block, 5))),
            ("&nbsp;", Some((Markup::Char(' '), 6))),
            ("&#8203;x", Some((Markup::Char('\u{200B}'), 7))),
            ("&#xA0;", Some((Markup::Char('\u{A0}'), 6))),
            ("<#> 1", None),
            ("<NAME>", None),
            ("< 5", None),
            ("&", None),
            ("&é;", None),
            ("&#0;", None),
            ("&#99999999;", None),
            ("b", None),
            ("", None),
        ] {
            assert_eq!(at_start(text), markup, "{text}");
        }
        assert_eq!(trim_tags("Acme</b></p>"), "Acme");
        assert_eq!(trim_tags("a <x>"), "a <x>");
    }
}
