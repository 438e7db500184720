// Starts GraphiQL on this server.
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { createFetcher } from "./fetcher.js";
import { editor } from "./monaco.js";
import { storage } from "./storage.js";
import "./explorer.css";

// A worker learns from its name whose work it does. Workers come from a file, as the page's content
// security policy demands.
window.MonacoEnvironment = {
  getWorker: (_, label) => new Worker("/graphql/assets/worker.js", { name: label }),
};

const welcome = `# Welcome to otpwire.
#
# 1. Who is signed in at / is signed in here too.
#    Or log in: fill in the first operation and run
#    it (the button lists all three). An API key goes
#    into the Headers pane below:
#      { "Authorization": "Bearer …" }
# 2. Rent a number, then watch: messages appear
#    as they arrive.

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
    message { senderNumber otp { code service } messageContent receivedAt }
  }
}
`;

// Where panes are stacked (explorer.css) there is little room: lines wrap, and the headers are a touch away.
const isNarrow = matchMedia("(max-width: 46rem)").matches;
if (isNarrow) {
  editor.onDidCreateEditor((made) => made.updateOptions({ wordWrap: "on", fontSize: 14 }));
}

createRoot(document.getElementById("explorer")).render(
  <GraphiQL
    fetcher={createFetcher(new URL("/graphql", location.href))}
    storage={storage}
    shouldPersistHeaders
    defaultQuery={welcome}
    defaultEditorToolsVisibility={isNarrow ? false : "headers"}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>otpwire</GraphiQL.Logo>
  </GraphiQL>,
);
