// Starts GraphiQL on this server. What is in the headers pane is sent with every request, and as the
// payload of a socket's connection_init, so one token signs in both.
(() => {
  const url = new URL("/graphql", location.href);
  const socket = new URL(url);
  socket.protocol = url.protocol === "https:" ? "wss:" : "ws:";

  const welcome = `# Welcome to otpwire.
#
# 1. Log in with the mutation below, and copy the accessToken.
# 2. Open the Headers pane under this editor and put it there:
#      { "Authorization": "Bearer …" }
# 3. Run the subscription, and messages appear as they arrive.

mutation LogIn {
  logIn(input: { email: "", password: "" }) {
    accessToken
    expiresAt
  }
}

mutation Rent {
  assignPhoneNumber(input: { countryCode: "US", durationHours: 1 }) {
    phoneNumber { id phoneNumber expiresAt }
  }
}

subscription Watch {
  messageReceived {
    cursor
    message { senderNumber messageContent receivedAt }
  }
}
`;

  const fetcher = GraphiQL.createFetcher({ url: url.href, subscriptionUrl: socket.href });
  ReactDOM.createRoot(document.getElementById("explorer")).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: welcome,
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
})();
