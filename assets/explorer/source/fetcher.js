// Carries GraphiQL's operations to the server. What is in the headers pane is sent with every request,
// and as the payload of a socket's connection_init, so one token signs in both. Without one there, whoever is signed in
// on the page of this server, or has run LogIn here, is signed in here.
import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-ws";
import { accessToken, renew } from "../../../web/src/session.ts";

/** How many events of a subscription are shown. */
const SHOWN_EVENTS = 50;

/** The token that an operation such as LogIn has brought. It is forgotten with the page. */
let brought = null;
/** Whether somebody is signed in on the page of this server: asked once, when it is first needed. */
let asked = null;

/** The headers of the pane; without an Authorization among them, with that of whoever is signed in. */
async function authorized(headers = {}) {
  if (Object.keys(headers).some((name) => name.toLowerCase() === "authorization")) {
    return headers;
  }
  asked ??= renew();
  const token = brought ?? (await asked.then(accessToken).catch(() => null));
  return token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
}

/** Returns GraphiQL's fetcher for the server at a URL. */
export function createFetcher(url) {
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return (operation, { headers } = {}) =>
    isSubscription(operation) ? subscribe(socketUrl.href, operation, headers) : post(url.href, operation, headers);
}

function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    // The server tells what is wrong with it.
    return false;
  }
}

async function post(url, operation, given) {
  const headers = await authorized(given);
  const request = {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json;q=0.9",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(operation),
  };
  const response = await fetch(url, request).catch((error) => fail(`The request failed: ${error.message}.`));
  if (!/[/+]json\b/.test(response.headers.get("content-type"))) {
    fail(`The server answered ${response.status}, and not with JSON.`);
  }
  const answer = await response.json().catch((error) => fail(`The answer broke off: ${error.message}.`));
  const token = Object.values(answer.data ?? {}).find((field) => typeof field?.accessToken === "string");
  brought = token?.accessToken ?? brought;
  return answer;
}

function subscribe(url, operation, headers) {
  return {
    subscribe(observer) {
      // Every subscription has a socket of its own, which introduces itself with the headers of now. None is
      // opened again by itself: that would hide why it closed, and that messages were missed meanwhile.
      const client = createClient({ url, connectionParams: () => authorized(headers), retryAttempts: 0 });
      const error = (reason) => observer.error(readable(reason));
      // GraphiQL shows one response: the newest, with those before it.
      let earlier = [];
      const next = (response) => {
        observer.next(earlier.length > 0 ? { ...response, earlier } : response);
        earlier = [response.data, ...earlier].slice(0, SHOWN_EVENTS - 1);
      };
      return { unsubscribe: client.subscribe(operation, { ...observer, next, error }) };
    },
  };
}

/** Turns the end of a subscription into what GraphiQL shows: the server's own errors, or a sentence. */
function readable(reason) {
  if (Array.isArray(reason)) {
    return reason;
  }
  if (reason instanceof CloseEvent && reason.reason) {
    return { message: `The server closed the socket: ${reason.code} ${reason.reason}` };
  }
  // The events of a socket that fails do not tell why.
  return { message: reason instanceof Event ? "The socket could not be opened, or was lost." : reason.message };
}

/** Fails with a plain object, because GraphiQL shows the whole stack of an Error. */
function fail(message) {
  throw { message };
}
