//! Requests to verify something without a code.

use super::{context::Context, document::Document, lexicon::Tags};

/// Parts of the addresses of links for verification.
const PATHS: [&[u8]; 10] =
    [b"verif", b"confirm", b"reset", b"auth", b"login", b"signin", b"activate", b"password", b"/l/", b"magic"];

/// Whether a text without a code asks to confirm something, by a link or a reply, or reports a log-in under way.
pub(super) fn is_verification(document: &Document<'_>, context: &Context) -> bool {
    let tags = document.matches.iter().fold(Tags::default(), |tags, entry| tags.or(entry.tags));
    let has_link = document.has_link;
    let has_verification_link = document.addresses.iter().any(|&(start, end)| {
        let address = &document.text.bytes()[start as usize..end as usize];
        PATHS.iter().any(|path| address.windows(path.len()).any(|part| part == *path))
    });
    let is_possible = if has_verification_link { context.commerce <= 1 } else { context.commerce == 0 };
    if !is_possible || !(has_link || tags.intersects(Tags::ALERT.or(Tags::PROMPT))) {
        return false;
    }
    let alerts = document.matches.iter().filter(|entry| entry.has(Tags::ALERT)).count();
    let points_if = |condition: bool, points: i32| if condition { points } else { 0 };
    let points = points_if(has_link, 2)
        + points_if(has_verification_link, 2)
        + [0, 3, 5][alerts.min(2)]
        + points_if(tags.intersects(Tags::PROMPT), 2)
        + points_if(tags.intersects(Tags::QUALIFIER), 2)
        + points_if(tags.intersects(Tags::PURPOSE), 1)
        // "Reset your password."
        + points_if(tags.intersects(Tags::PURPOSE) && tags.intersects(Tags::WEAK_KEYWORD.or(Tags::KEYWORD)), 1)
        + points_if(tags.intersects(Tags::CUE), 1)
        - points_if(tags.intersects(Tags::CURRENCY), 2)
        - points_if(tags.intersects(Tags::DISQUALIFIER), 2);
    points >= 6
}
