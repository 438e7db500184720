//! Connections of clients that read nothing, and frames without a library that would keep to the protocol.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// A connection from one of this machine's own addresses.
pub(crate) async fn connect_from(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // The client's kernel buffers little, so the rest would stay with the server.
    socket.set_recv_buffer_size(4096)?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// A WebSocket of which nothing is read after the opening handshake, unless the server refuses it.
pub(crate) async fn unread_socket(from: Ipv4Addr, address: SocketAddr) -> Option<TcpStream> {
    let mut stream = connect_from(from, address).await.ok()?;
    let request = "GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        sec-websocket-protocol: graphql-transport-ws\r\n\r\n";
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    head.starts_with(b"HTTP/1.1 101").then_some(stream)
}

/// A frame, masked with zeros.
pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match u16::try_from(payload.len()).unwrap() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// A message of a subprotocol.
pub(crate) fn text(message: &serde_json::Value) -> Vec<u8> {
    frame(1, message.to_string().as_bytes())
}

/// Sends so many bytes of the same frames, or until the server takes no more. Returns how many it took.
pub(crate) async fn flood(stream: &mut TcpStream, frame: &[u8], bytes: usize) -> usize {
    let batch = frame.repeat(64 * 1024 / frame.len() + 1);
    let mut taken = 0;
    while taken < bytes {
        match tokio::time::timeout(Duration::from_secs(1), stream.write(&batch)).await {
            Ok(Ok(written)) if written > 0 => taken += written,
            // It does not read, or has closed the connection.
            _ => break,
        }
    }
    taken
}
