//! The end of a token or a session on a WebSocket: the socket is closed, and no operation is completed, so that clients
//! come back and go on.

use serde_json::{Value, json};

use crate::support::{Renter, Replica, World, client::sms, client::user_id, on_both, socket::Socket};

const EXPIRED: &str = "Forbidden: the access token has expired";
const ENDED: &str = "Forbidden: the session was ended; sign in again";

/// Two subscriptions on one socket, and the cursor of a first message.
async fn watching(replica: &Replica, who: &Renter, number: &str) -> (Socket, String) {
    let mut socket = Socket::ready(replica.listen().await, who).await;
    socket.subscribe("numbers", "subscription { phoneNumberUpdated { id } }", json!({})).await;
    let begin = otpwire::domain::InboxCursor { inbox: who.user.id, seq: 0 }.encode();
    socket.watch(Some(&begin)).await;
    replica.post_sms(&sms("first", number, "first")).await;
    let (_, cursor) = socket.next_message().await;
    (socket, cursor)
}

/// The frames before the close frame, and its code and reason. Warnings about the end of the token are left out.
async fn last_frames(socket: &mut Socket) -> (Vec<Value>, (u16, String)) {
    let mut frames = Vec::new();
    loop {
        match socket.receive_or_closed().await {
            Ok(frame) if frame["type"] == "ping" => {}
            Ok(frame) => frames.push(frame),
            Err(closed) => return (frames, closed),
        }
    }
}

/// Why a token is refused when a socket is opened with it.
async fn refusal(replica: &Replica, token: &str) -> (u16, String) {
    let mut socket = Socket::open(replica.listen().await, "graphql-transport-ws").await;
    socket.send(json!({ "type": "connection_init", "payload": { "token": token } })).await;
    socket.closed().await
}

on_both! {
    async fn a_client_goes_on_with_a_fresh_token_after_the_end_of_the_last(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 24).await;
        let (mut socket, cursor) = watching(&replica, &renter, &number).await;
        world.advance(3600);
        // Neither an error nor `complete`: both would end a subscription of graphql-ws.
        assert_eq!(last_frames(&mut socket).await, (vec![], (4403, EXPIRED.into())));
        replica.post_sms(&sms("meanwhile", &number, "meanwhile")).await;
        assert_eq!(refusal(&replica, &renter.token).await, (4403, EXPIRED.into()));
        let body = json!({ "refresh_token": renter.refresh_token });
        let fresh = replica.rest_ok(None, "POST /v1/auth/refresh", Some(body)).await;
        let renter = Renter { token: fresh["access_token"].as_str().unwrap().into(), ..renter };
        let mut socket = Socket::ready(replica.listen().await, &renter).await;
        socket.watch(Some(&cursor)).await;
        assert_eq!(socket.next_message().await.0, "meanwhile");
        replica.post_sms(&sms("next", &number, "next")).await;
        assert_eq!(socket.next_message().await.0, "next");
    }

    async fn a_token_of_an_ended_session_is_refused_for_good(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let (mut socket, cursor) = watching(&replica, &renter, &number).await;
        replica.rest_ok(Some(&renter.token), "POST /v1/auth/logout", None).await;
        assert_eq!(last_frames(&mut socket).await, (vec![], (4403, ENDED.into())));
        // The client comes back once. With the same token it must not try for ever: 4401 tells it so.
        let reason = "Unauthorized: the session was ended; sign in again";
        assert_eq!(refusal(&replica, &renter.token).await, (4401, reason.into()));
        // With a token of another session it goes on.
        replica.post_sms(&sms("meanwhile", &number, "meanwhile")).await;
        let renter = replica.log_in("renter@example.com").await;
        let mut socket = Socket::ready(replica.listen().await, &renter).await;
        socket.watch(Some(&cursor)).await;
        assert_eq!(socket.next_message().await.0, "meanwhile");
    }

    async fn deactivating_a_user_closes_their_sockets(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let (mut socket, _) = watching(&replica, &renter, &number).await;
        world.sql("UPDATE users SET is_active = false").await;
        replica.app.heal_watchers().await.unwrap();
        let reason = "the account was deactivated";
        assert_eq!(last_frames(&mut socket).await, (vec![], (4403, format!("Forbidden: {reason}"))));
        assert_eq!(refusal(&replica, &renter.token).await, (4401, format!("Unauthorized: {reason}")));
    }

    async fn an_administrator_by_promotion_reconnects_when_demoted(world: World) {
        let (replica, renter) = world.populated().await;
        let (_, number) = replica.rent(&renter, "US", 1).await;
        let other = replica.admin("other@example.com").await;
        let (mut socket, _) = watching(&replica, &renter, &number).await;
        let set_role = async |role: &str| {
            let input = json!({ "userId": user_id(&renter), "role": role });
            let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";
            replica.data(&other, update, json!({ "input": input })).await;
        };
        set_role("ADMIN").await;
        // As an administrator from now on.
        let query = "subscription { phoneNumberUpdated(phoneNumberId: \"num_2\") { renter { email } } }";
        socket.subscribe("theirs", query, json!({})).await;
        socket.subscribe("users", "{ users { totalCount } }", json!({})).await;
        assert_eq!(socket.receive().await["payload"]["data"]["users"]["totalCount"], 2);
        assert_eq!(socket.receive().await["type"], "complete");
        set_role("USER").await;
        let reason = "Forbidden: you are no longer an administrator; reconnect to continue as a user";
        assert_eq!(last_frames(&mut socket).await, (vec![], (4403, reason.into())));
    }
}
