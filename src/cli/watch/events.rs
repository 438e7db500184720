//! Server-sent events, as far as the server sends them
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

/// An event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ServerEvent {
    /// Its name.
    pub(super) name: String,
    /// Where to go on after it.
    pub(super) id: Option<String>,
    /// What it carries.
    pub(super) data: String,
}

/// Reads events from the bytes of a stream, however these are cut.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    /// The beginning of a line.
    line: Vec<u8>,
    event: ServerEvent,
}

impl EventReader {
    /// Takes more bytes. Returns the events that end in them.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<ServerEvent> {
        let mut events = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                self.line.push(byte);
                continue;
            }
            let line = String::from_utf8_lossy(&self.line).into_owned();
            self.line.clear();
            events.extend(self.end_line(line.trim_end_matches('\r')));
        }
        events
    }

    fn end_line(&mut self, line: &str) -> Option<ServerEvent> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return (event != ServerEvent::default()).then_some(event);
        }
        // A line that begins with a colon is a comment, which keeps the connection alive.
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "id" => self.event.id = Some(value.to_owned()),
            "data" => {
                if !self.event.data.is_empty() {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = ": hello\n\nevent: ready\nid: A\nretry: 1000\ndata: {}\n\n:\n\nevent:message\r\nid: B\r\ndata: {\"a\":\"ä\"}\r\n\r\n\
                    data: x\ndata: y\n\nevent: unfinished\n";
        let event = |name: &str, id: Option<&str>, data: &str| ServerEvent {
            name: name.to_owned(),
            id: id.map(ToOwned::to_owned),
            data: data.to_owned(),
        };
        let expected =
            [event("ready", Some("A"), "{}"), event("message", Some("B"), "{\"a\":\"ä\"}"), event("", None, "x\ny")];
        for size in 1..text.len() {
            let mut reader = EventReader::default();
            let events: Vec<_> = text.as_bytes().chunks(size).flat_map(|chunk| reader.read(chunk)).collect();
            assert_eq!(events, expected, "cut every {size} bytes");
        }
    }
}
