"""gql for Python: over HTTP, and over a WebSocket in both of its subprotocols."""

import asyncio
import os
import unittest
import uuid

from gql import Client, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["OTPWIRE_URL"] + "/graphql"
SOCKET_URL = URL.replace("http", "ws", 1)
# In seconds.
TIMEOUT = 20

NUMBERS = gql(
    """
    query Numbers($filter: PhoneNumberFilter) {
      phoneNumbers(filter: $filter) { nodes { ...Number } }
    }
    fragment Number on PhoneNumber { id phoneNumber }
    """
)
RENAME = gql(
    "mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { user { firstName } } }"
)
MARK_READ = gql("mutation ($id: ID!) { markMessageRead(input: { messageId: $id }) { message { id } } }")
RECEIVED = gql(
    """
    subscription ($after: String) {
      messageReceived(after: $after) { cursor message { messageContent receivedAt otp { code score } } }
    }
    """
)
UNKNOWN_FIELD = gql("{ viewer { id shoeSize } }")
UNKNOWN_SUBSCRIPTION = gql("subscription { weatherChanged { id } }")


def over_http(token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(transport=AIOHTTPTransport(url=URL, headers=headers))


def over_socket(token, subprotocol):
    payload = {"Authorization": f"Bearer {token}"}
    return Client(transport=WebsocketsTransport(url=SOCKET_URL, init_payload=payload, subprotocols=[subprotocol]))


async def execute_once(client, document, **variables):
    """Executes a document with a client that is opened for it."""
    async with client as session:
        return await execute(session, document, variables)


async def execute(session, document, variables):
    document = GraphQLRequest(document, variable_values=variables)
    return await asyncio.wait_for(session.execute(document), TIMEOUT)


async def log_in(email, password):
    query = gql("mutation ($input: LogInInput!) { logIn(input: $input) { accessToken } }")
    answer = await execute_once(over_http(), query, input={"email": email, "password": password})
    return answer["logIn"]["accessToken"]


async def error_of(awaitable):
    """The error of an awaitable. `assertRaises` would clear the frames of the error, and with them a frame of
    the client's own loop, which must continue."""
    try:
        answer = await awaitable
    except TransportError as error:
        return error
    raise AssertionError(f"it did not fail: {answer}")


async def code_of(awaitable):
    error = await error_of(awaitable)
    return error.errors[0]["extensions"]["code"]


class Renter:
    """A new user with a rented number, and a way to send messages to it."""

    @classmethod
    async def new(cls):
        self = cls()
        account = {"email": f"{uuid.uuid4()}@example.com", "password": "correct horse battery"}
        register = gql("mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }")
        await execute_once(over_http(), register, input=account)
        self.token = await log_in(**account)
        rent = gql('mutation { assignPhoneNumber(input: { countryCode: "US" }) { phoneNumber { id phoneNumber } } }')
        self.number = (await execute_once(over_http(self.token), rent))["assignPhoneNumber"]["phoneNumber"]
        inbox = await execute_once(over_http(self.token), gql("{ messages { latestCursor } }"))
        self.cursor = inbox["messages"]["latestCursor"]
        self.administrator = await log_in(os.environ["OTPWIRE_EMAIL"], os.environ["OTPWIRE_PASSWORD"])
        return self

    async def receive(self, text):
        message = {"from": "CLIENTS", "to": self.number["phoneNumber"], "text": text}
        simulate = gql("mutation ($input: SimulateInboundSmsInput!) { simulateInboundSms(input: $input) { outcome } }")
        await execute_once(over_http(self.administrator), simulate, input=message)


async def next_of(events):
    return (await asyncio.wait_for(anext(events), TIMEOUT))["messageReceived"]


class Behaviour:
    """Tests for every transport; `open` creates a client."""

    async def asyncSetUp(self):
        self.renter = await Renter.new()

    async def test_queries_with_variables_and_a_fragment(self):
        answer = await execute_once(self.open(self.renter.token), NUMBERS, filter={"mine": True})
        self.assertEqual(answer["phoneNumbers"]["nodes"], [self.renter.number])

    async def test_executes_a_mutation(self):
        answer = await execute_once(self.open(self.renter.token), RENAME, input={"firstName": "Žofie 😀"})
        self.assertEqual(answer["updateViewer"]["user"]["firstName"], "Žofie 😀")

    async def test_gets_the_code_of_an_error_and_continues(self):
        async with self.open(self.renter.token) as session:
            for document, variables, code in [
                (MARK_READ, {"id": "msg_999999999"}, "NOT_FOUND"),
                (UNKNOWN_FIELD, {}, "GRAPHQL_VALIDATION_FAILED"),
            ]:
                self.assertEqual(await code_of(execute(session, document, variables)), code)
            await execute(session, NUMBERS, {})

    async def test_reads_the_schema(self):
        client = self.open(self.renter.token)
        client.fetch_schema_from_transport = True
        async with client as session:
            await execute(session, NUMBERS, {})
        self.assertIn("messageReceived", client.schema.subscription_type.fields)


class Http(Behaviour, unittest.IsolatedAsyncioTestCase):
    def open(self, token):
        return over_http(token)

    async def test_is_refused_with_an_invalid_token(self):
        self.assertEqual(await code_of(execute_once(self.open("nonsense"), NUMBERS)), "UNAUTHENTICATED")

    async def test_sends_a_batch(self):
        requests = [GraphQLRequest(RENAME, variable_values={"input": {"firstName": name}}) for name in ("a", "b")]
        async with self.open(self.renter.token) as session:
            answers = await asyncio.wait_for(session.execute_batch(requests), TIMEOUT)
        self.assertEqual([answer["updateViewer"]["user"]["firstName"] for answer in answers], ["a", "b"])


class Socket(Behaviour):
    def open(self, token):
        return over_socket(token, self.subprotocol)

    def subscribe(self, session, after):
        return session.subscribe(GraphQLRequest(RECEIVED, variable_values={"after": after}))

    async def test_receives_each_message_before_the_next_one_is_sent(self):
        async with self.open(self.renter.token) as session:
            events = self.subscribe(session, self.renter.cursor)
            for text in ("first", "second", "third"):
                await self.renter.receive(text)
                self.assertEqual((await next_of(events))["message"]["messageContent"], text)
            await events.aclose()
            await execute(session, NUMBERS, {})

    async def test_gets_the_one_time_code_of_a_message(self):
        async with self.open(self.renter.token) as session:
            events = self.subscribe(session, self.renter.cursor)
            await self.renter.receive("Your verification code is 482913")
            code = (await next_of(events))["message"]["otp"]
            self.assertEqual(code["code"], "482913")
            self.assertTrue(0 < code["score"] <= 1)
            await self.renter.receive("See you at eight")
            self.assertIsNone((await next_of(events))["message"]["otp"])
            await events.aclose()

    async def test_continues_after_a_cursor_with_exactly_the_missed_messages(self):
        async with self.open(self.renter.token) as session:
            events = self.subscribe(session, self.renter.cursor)
            await self.renter.receive("seen")
            cursor = (await next_of(events))["cursor"]
            await events.aclose()
            for text in ("missed", "missed too"):
                await self.renter.receive(text)
            events = self.subscribe(session, cursor)
            for text in ("missed", "missed too"):
                self.assertEqual((await next_of(events))["message"]["messageContent"], text)
            # Nothing else was missed: the next event is the next message.
            await self.renter.receive("new")
            self.assertEqual((await next_of(events))["message"]["messageContent"], "new")
            await events.aclose()

    async def test_gets_an_error_for_a_subscription_that_does_not_match_the_schema(self):
        async with self.open(self.renter.token) as session:
            events = session.subscribe(UNKNOWN_SUBSCRIPTION)
            self.assertEqual(await code_of(next_of(events)), "GRAPHQL_VALIDATION_FAILED")


class ModernSocket(Socket, unittest.IsolatedAsyncioTestCase):
    subprotocol = "graphql-transport-ws"

    async def test_is_refused_with_an_invalid_token(self):
        error = await error_of(execute_once(self.open("nonsense"), NUMBERS))
        self.assertEqual(error.__cause__.rcvd.code, 4403)


class LegacySocket(Socket, unittest.IsolatedAsyncioTestCase):
    subprotocol = "graphql-ws"

    async def test_is_refused_with_an_invalid_token(self):
        error = await error_of(execute_once(self.open("nonsense"), NUMBERS))
        self.assertIn("token", str(error))


if __name__ == "__main__":
    unittest.main()
