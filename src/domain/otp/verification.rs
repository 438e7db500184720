//! Requests to verify something without a code.

use super::{
    context::{Context, Strength},
    document::Document,
    fold::CharClass,
    lexicon::{LexiconMatch, Tags},
};

/// Parts of the paths of links for verification, and of those to log in, which bills and offers have as well.
const REQUESTS: [&[u8]; 7] = [b"verif", b"confirm", b"reset", b"activate", b"password", b"/l/", b"magic"];
const LOGINS: [&[u8]; 3] = [b"auth", b"login", b"signin"];

/// Whether a text without a code asks its reader to act on an account of theirs: to confirm something by a link or a
/// reply, to answer for a log-in under way, or to enter a code that comes by another way.
pub(super) fn is_verification(document: &Document<'_>, context: &Context) -> bool {
    let words = || document.matches.iter().filter(|entry| document.address_at(entry.start).is_none());
    let tags = words().fold(Tags::default(), |tags, entry| tags.or(entry.tags));
    document.count_steps(document.matches.len());
    // What already happened asks for nothing; offers and parcels have links as well.
    if tags.intersects(Tags::FINISHED) || context.has_offer {
        return false;
    }
    let has_link = document.has_link;
    let has_path = |parts: &[&[u8]]| {
        document.addresses.iter().any(|&(start, end)| {
            let path = path(&document.text.bytes()[start as usize..end as usize]);
            parts.iter().any(|part| path.windows(part.len()).any(|window| window == *part))
        })
    };
    let has_request_link = has_path(&REQUESTS);
    let has_verification_link = has_request_link || has_path(&LOGINS);
    let is_about = Tags::ACCOUNT.or(Tags::WEAK_KEYWORD).or(Tags::KEYWORD);
    // "Was this you? Reply YES."
    let asks = [Tags::ALERT, Tags::ACCOUNT, Tags::PROMPT].iter().all(|tag| tags.intersects(*tag));
    let is_likely = has_request_link && tags.intersects(is_about) || asks;
    let is_possible = if is_likely { context.commerce <= 1 } else { context.commerce == 0 };
    if !is_possible {
        return false;
    }
    let alerts = words().filter(|entry| entry.has(Tags::ALERT) && !entry.has(Tags::THREAT)).count();
    // "Your account will be closed": phishing, or a notice of what happened.
    let threats = words().filter(|entry| entry.has(Tags::THREAT)).count();
    if threats > alerts {
        return false;
    }
    if !context.has_fixed && announces_code(context, tags) {
        return true;
    }
    if !(has_link || tags.intersects(Tags::ALERT.or(Tags::PROMPT))) {
        return false;
    }
    // "Reply YES to confirm your appointment."
    if context.receipts > 0 && !tags.intersects(Tags::ACCOUNT.or(Tags::ALERT)) {
        return false;
    }
    let asks_for_reply = !has_link
        && tags.intersects(Tags::PURPOSE.or(Tags::ALERT))
        && words().any(|entry| entry.has(Tags::PROMPT) && is_before_reply(document, entry));
    let is_qualifier = |entry: &LexiconMatch| {
        entry.has(Tags::QUALIFIER) && !entry.has(Tags::LABEL.or(Tags::UNIT).or(Tags::SERVICE).or(Tags::WARNING))
    };
    let has_qualifier = words().any(is_qualifier);
    let has_purpose = tags.intersects(Tags::PURPOSE);
    // In "never share your code" nothing is to be done with it.
    let has_keyword = context.keywords.iter().any(|keyword| keyword.strength != Strength::Hint && !keyword.in_warning);
    // "Confirm your e-mail address."
    let is_about_account = (has_purpose || has_qualifier || alerts > 0) && has_link && tags.intersects(Tags::ACCOUNT);
    let is_something_else = |entry: &LexiconMatch| entry.has(Tags::DISQUALIFIER) && !entry.has(Tags::ACCOUNT);
    let points_if = |condition: bool, points: i32| if condition { points } else { 0 };
    let points = points_if(has_link, 2)
        + points_if(has_verification_link, 2)
        + [0, 3, 5][alerts.min(2)]
        + points_if(tags.intersects(Tags::PROMPT), 2)
        + points_if(asks_for_reply, 2)
        + points_if(has_qualifier, 2)
        + points_if(has_purpose, 1)
        + points_if(is_about_account, 3)
        // "Reset your password."
        + points_if(has_purpose && has_keyword, 1)
        + points_if(tags.intersects(Tags::CUE), 1)
        - points_if(tags.intersects(Tags::CURRENCY), 2)
        - points_if(words().any(is_something_else), 2);
    // A link or a reply alone is not about an account.
    let is_about_something = is_about_account || has_keyword || has_verification_link || asks_for_reply;
    points >= 6 && (alerts > 0 || is_about_something && (has_qualifier || has_purpose || has_request_link))
}

/// The path of an address. Its host is the name of a service, which says nothing about the link.
pub(super) fn path(address: &[u8]) -> &[u8] {
    let scheme = address.windows(3).position(|part| part == b"://").map_or(0, |at| at + 3);
    let host = address[scheme..].iter().position(|byte| *byte == b'/');
    host.map_or(&[], |slash| &address[scheme + slash..])
}

/// Whether it announces a code that is not in the text: "your verification code will arrive by e-mail".
fn announces_code(context: &Context, tags: Tags) -> bool {
    let is_code = |keyword: &super::context::Keyword| keyword.strength == Strength::Strong && !keyword.in_warning;
    context.keywords.iter().any(is_code) && tags.intersects(Tags::ANNOUNCEMENT.or(Tags::CUE))
}

/// Whether the answer to give follows: a digit, or a word in capitals.
fn is_before_reply(document: &Document<'_>, entry: &LexiconMatch) -> bool {
    let next = document.tokens.partition_point(|token| token.start < entry.end);
    let is_answer = |token: &super::tokens::Token| match token.class {
        CharClass::Digit => token.len() == 1,
        CharClass::Letter => {
            let written = document.written(token.start, token.end);
            (2..=8).contains(&written.chars().count()) && written.chars().all(char::is_uppercase)
        }
        _ => false,
    };
    // In many languages the verb comes last: "1 yazın".
    let before = document.tokens[..next].iter().rev().take(3);
    document.tokens[next..].iter().take(3).chain(before).any(is_answer)
}
