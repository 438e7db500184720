// Carries GraphiQL's operations to the server. What is in the headers pane is sent with every request,
// and as the payload of a socket's connection_init, so one token signs in both.
import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-ws";

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

async function post(url, operation, headers) {
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
  return response.json().catch((error) => fail(`The answer broke off: ${error.message}.`));
}

function subscribe(url, operation, headers) {
  return {
    subscribe(observer) {
      // Every subscription has a socket of its own, which introduces itself with the headers of now. None is
      // opened again by itself: that would hide why it closed, and that messages were missed meanwhile.
      const client = createClient({ url, connectionParams: headers, retryAttempts: 0 });
      const error = (reason) => observer.error(readable(reason));
      return { unsubscribe: client.subscribe(operation, { ...observer, error }) };
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
