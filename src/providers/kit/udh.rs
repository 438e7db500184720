//! The user data header (UDH) of an SMS.

use super::encode_hex;
use crate::domain::Part;

/// The part of a concatenated message that a UDH describes (3GPP TS 23.040, 9.2.3.24), if it describes one.
pub(in crate::providers) fn part_from_udh(header: &[u8]) -> Option<Part> {
    let (&length, mut rest) = header.split_first()?;
    rest = rest.get(..usize::from(length))?;
    while let [element, length, data @ ..] = rest {
        let (data, others) = data.split_at_checked(usize::from(*length))?;
        // Element 0 has an 8-bit reference, element 8 a 16-bit one (9.2.3.24.1 and 9.2.3.24.8).
        let (reference, count, number) = match (element, data) {
            (0x00, [reference @ .., count, number]) if reference.len() == 1 => (reference, *count, *number),
            (0x08, [reference @ .., count, number]) if reference.len() == 2 => (reference, *count, *number),
            _ => {
                rest = others;
                continue;
            }
        };
        let is_part = count >= 2 && (1..=count).contains(&number);
        return is_part.then(|| Part { reference: encode_hex(reference), number, count });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::decode_hex, *};

    #[test]
    fn a_header_describes_a_part() {
        let part =
            |header| part_from_udh(&decode_hex(header).unwrap()).map(|part| (part.reference, part.number, part.count));
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
