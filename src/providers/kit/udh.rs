//! The user data header, which stands before the text of some messages.

use super::hex;
use crate::domain::Part;

/// Which part of a long message has this user data header (3GPP TS 23.040, 9.2.3.24), if it is a part of one.
pub(in crate::providers) fn part_of(header: &[u8]) -> Option<Part> {
    let (&length, mut rest) = header.split_first()?;
    rest = rest.get(..usize::from(length))?;
    while let [element, length, data @ ..] = rest {
        let (data, others) = data.split_at_checked(usize::from(*length))?;
        // The reference has 8 bits in element 0 and 16 in element 8 (9.2.3.24.1 and 9.2.3.24.8).
        let (reference, count, number) = match (element, data) {
            (0x00, [reference @ .., count, number]) if reference.len() == 1 => (reference, *count, *number),
            (0x08, [reference @ .., count, number]) if reference.len() == 2 => (reference, *count, *number),
            _ => {
                rest = others;
                continue;
            }
        };
        let is_part = count >= 2 && (1..=count).contains(&number);
        return is_part.then(|| Part { reference: hex(reference), number, count });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::unhex, *};

    #[test]
    fn a_header_says_which_part_it_is() {
        let part = |header| part_of(&unhex(header).unwrap()).map(|part| (part.reference, part.number, part.count));
        assert_eq!(part("0500032a0301"), Some(("2a".to_owned(), 1, 3)));
        assert_eq!(part("060804012a0302"), Some(("012a".to_owned(), 2, 3)));
        // Ports come first (9.2.3.24.4).
        assert_eq!(part("0b05040b8423f000032a0202"), Some(("2a".to_owned(), 2, 2)));
        for none in
            ["", "00", "06050415811581", "0500032a0304", "0500032a0300", "0500032a0101", "0500032a03", "05000a2a0301"]
        {
            assert_eq!(part(none), None, "{none}");
        }
    }
}
