//! Cursors of inboxes and of lists, and page sizes: decoding and encoding are inverse, and only the owner of a cursor
//! can decode it.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use otpwire::domain::{InboxCursor, ListCursor, OffsetPage, PageRequest, UserId};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    owner: i32,
    seq: i64,
    first: Option<i32>,
    last: Option<i32>,
    limit: i64,
    offset: i64,
    text: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let Input { seq, first, last, limit, offset, text, .. } = input;
    let owner = UserId(input.owner);
    if let Ok(cursor) = InboxCursor::decode("after", text, owner) {
        assert_eq!((cursor.inbox, cursor.encode().as_str()), (owner, text));
        assert!(cursor.seq >= 0);
        let other = UserId(owner.0.wrapping_add(1));
        assert!(InboxCursor::decode("after", text, other).is_err(), "a cursor of two inboxes");
        assert!(ListCursor::decode("after", text).is_err(), "a cursor of an inbox and of a list");
    }
    if let Ok(cursor) = ListCursor::decode("after", text) {
        assert_eq!(cursor.encode(), text);
    }
    let (of_inbox, of_list) = (InboxCursor { inbox: owner, seq }, ListCursor(seq));
    let read = InboxCursor::decode("after", &of_inbox.encode(), owner).ok();
    assert_eq!(read, Some(of_inbox).filter(|_| seq >= 0));
    assert_eq!(ListCursor::decode("after", &of_list.encode()).ok(), Some(of_list));
    if let Ok(page) = PageRequest::new(first, last, Some(of_list), None) {
        assert!((0..=100).contains(&page.limit) && !(first.is_some() && last.is_some()));
    }
    if let Ok(page) = OffsetPage::new(limit, offset) {
        assert!((1..=100).contains(&page.limit) && i64::try_from(page.offset) == Ok(offset));
    }
});
