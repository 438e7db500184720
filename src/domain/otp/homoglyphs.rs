//! Letters that look alike: words with letters of two scripts (`кoд` with a Latin `o`) are written in one.
//!
//! Some senders mix scripts to evade filters, others because their keyboards do.

/// Latin letters (in lower case) and the Cyrillic and Greek ones that look like them, in either case.
const ALIKE: [(u8, &str, &str); 14] = [
    (b'a', "а", "α"),
    (b'b', "в", "β"),
    (b'c', "с", ""),
    (b'e', "е", "ε"),
    (b'h', "н", "η"),
    (b'i', "і", "ι"),
    (b'j', "ј", ""),
    (b'k', "к", "κ"),
    (b'm', "м", "μ"),
    (b'o', "о", "ο"),
    (b'p', "р", "ρ"),
    (b't', "т", "τ"),
    (b'x', "х", "χ"),
    (b'y', "у", "υ"),
];

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{52F}').contains(&c)
}

fn is_greek(c: char) -> bool {
    ('\u{370}'..='\u{3FF}').contains(&c)
}

/// Whether two neighbours are letters of scripts that look alike.
pub(super) fn are_mixed(one: char, other: char) -> bool {
    let is_alike = |c: char| is_cyrillic(c) || is_greek(c);
    one.is_ascii_alphabetic() && is_alike(other) || other.is_ascii_alphabetic() && is_alike(one)
}

/// A folded word of letters of two scripts, in one script. `None` if it can be written in neither.
pub(super) fn in_one_script(word: &str) -> Option<String> {
    let latin = |c: char| {
        let row = ALIKE.iter().find(|row| row.1.contains(c) || row.2.contains(c));
        if c.is_ascii() { Some(c) } else { row.map(|row| char::from(row.0)) }
    };
    let wide =
        |c: char, is_script: fn(char) -> bool, letters: fn(&(u8, &'static str, &'static str)) -> &'static str| {
            let row = ALIKE.iter().find(|row| c.is_ascii() && row.0 == c as u8);
            if is_script(c) { Some(c) } else { row.and_then(|row| letters(row).chars().next()) }
        };
    let in_latin = || word.chars().map(latin).collect::<Option<String>>();
    let in_cyrillic = || word.chars().map(|c| wide(c, is_cyrillic, |row| row.1)).collect();
    let in_greek = || word.chars().map(|c| wide(c, is_greek, |row| row.2)).collect();
    // A word that can be written in both scripts is written in that of most of its letters.
    let is_mostly_latin = word.chars().filter(char::is_ascii).count() * 2 > word.chars().count();
    if is_mostly_latin {
        in_latin().or_else(in_cyrillic).or_else(in_greek)
    } else {
        in_cyrillic().or_else(in_greek).or_else(in_latin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_in_one_script() {
        for (word, right) in [
            ("кoд", Some("код")),
            ("bаш", Some("ваш")),
            ("соde", Some("code")),
            ("verifiсаtion", Some("verification")),
            ("oтп", Some("отп")),
            ("kωδικος", Some("κωδικος")),
            ("whatsappа", Some("whatsappa")),
            ("googleж", None),
        ] {
            assert_eq!(in_one_script(word).as_deref(), right, "{word}");
        }
        assert!(are_mixed('k', 'о') && are_mixed('о', 'k') && are_mixed('ω', 'k'));
        assert!(!are_mixed('o', 'k') && !are_mixed('о', 'к') && !are_mixed('1', 'о') && !are_mixed('a', 'ا'));
    }
}
