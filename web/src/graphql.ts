// The GraphQL client: operations over HTTP, and one live connection. Documents and their types are generated from
// operations/*.graphql; `npm run generate` does it.

import { createClient, type Client, type FormattedExecutionResult } from 'graphql-ws';
import type { TypedDocumentString } from './operations/generated.ts';
import { accessToken, renew } from './session.ts';

/** An error of the API, or of the way to it. */
export class ApiError extends Error {
  /** A code of the API (docs/errors.md), or `OFFLINE` when the server was not reached. */
  readonly code: string;
  /** The input that is wrong, if one is. */
  readonly field: string | undefined;
  readonly details: Record<string, unknown>;

  constructor(code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.field = typeof details['field'] === 'string' ? details['field'] : undefined;
    this.details = details;
  }
}

interface GraphqlError {
  message: string;
  extensions?: Record<string, unknown> & { code?: string; issue?: string };
}

/** The answers after which a new access token may help. */
const TOKEN_CODES = new Set(['TOKEN_EXPIRED', 'SESSION_ENDED', 'UNAUTHENTICATED']);

function apiError({ message, extensions = {} }: GraphqlError): ApiError {
  return new ApiError(extensions.code ?? 'INTERNAL', extensions.issue ?? message, extensions);
}

/** The data of a query or a mutation. Any error fails the whole operation. */
export async function request<Result, Variables extends Record<string, unknown>>(
  document: TypedDocumentString<Result, Variables>,
  ...[variables]: Record<string, never> extends Variables ? [Variables?] : [Variables]
): Promise<Result> {
  const token = await accessToken().catch(unreachable);
  const first: Answer<Result> = await post(document, variables, token);
  // The server may not know the token any more, though it should be good. Nothing has run, so it may run again.
  if (token && first.errors?.some(({ extensions }) => TOKEN_CODES.has(extensions?.code ?? ''))) {
    const renewed = await renew().catch(unreachable);
    if (renewed) return dataOf(await post<Result>(document, variables, renewed));
  }
  return dataOf(first);
}

type Answer<Result> = { data?: Result | null; errors?: GraphqlError[] };

function dataOf<Result>({ data, errors }: Answer<Result>): Result {
  if (errors?.[0]) throw apiError(errors[0]);
  if (!data) throw new ApiError('INTERNAL', 'The server answered without data.');
  return data;
}

async function post<Result>(document: { toString(): string }, variables: unknown, token: string | null): Promise<Answer<Result>> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: document.toString(), variables }),
  }).catch(unreachable);
  return response.json().catch(() => {
    throw new ApiError('UNAVAILABLE', `The server answered ${response.status}.`);
  });
}

function unreachable(): never {
  throw new ApiError('OFFLINE', 'The server cannot be reached.');
}

/** A subscription of a live connection. */
export interface Watch<Result> {
  document: { toString(): string };
  variables?: Record<string, unknown>;
  next(data: Result): void;
}

export interface LiveConnection {
  /** Resolves when the connection is lost, or a subscription has failed: with the server's reason, if it gave one. */
  ended: Promise<ApiError | null>;
  close(): void;
  /** When the server was last heard, in milliseconds since 1970. */
  heardAt(): number;
}

/** How often the server is asked whether it is there, and how long it may take to answer, in milliseconds. */
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;

/**
 * Opens one socket for some subscriptions. It is not opened again when it is lost: whoever watches something knows from
 * which cursor to go on, and says so by opening another.
 */
export function connect(watches: Watch<never>[], onOpen: () => void): LiveConnection {
  let heard = Date.now();
  let pong: ReturnType<typeof setTimeout> | undefined;
  let end!: (reason: ApiError | null) => void;
  const ended = new Promise<ApiError | null>((resolve) => (end = resolve));
  const client: Client = createClient({
    url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/graphql`,
    connectionParams: async () => ({ Authorization: `Bearer ${await accessToken()}` }),
    retryAttempts: 0,
    connectionAckWaitTimeout: PONG_WITHIN * 2,
    keepAlive: PING_EVERY,
    on: {
      connected: onOpen,
      message: () => (heard = Date.now()),
      ping: (received) => {
        if (!received) pong = setTimeout(() => client.terminate(), PONG_WITHIN);
      },
      pong: () => clearTimeout(pong),
      closed: (event) => {
        clearTimeout(pong);
        end(reasonOf(event));
      },
    },
  });
  for (const { document, variables, next } of watches) {
    client.subscribe<Record<string, unknown>>(
      { query: document.toString(), ...(variables && { variables }) },
      {
        next: ({ data, errors }: FormattedExecutionResult<Record<string, unknown>>) => {
          const error = errors?.[0];
          if (error) end(apiError(error as GraphqlError));
          else if (data) next(data as never);
        },
        error: (reason) => end(reasonOf(reason)),
        complete: () => end(null),
      },
    );
  }
  return { ended, close: () => void client.dispose(), heardAt: () => heard };
}

function reasonOf(reason: unknown): ApiError | null {
  if (Array.isArray(reason) && reason[0]) return apiError(reason[0]);
  if (reason instanceof CloseEvent && (reason.code === 4401 || reason.code === 4403)) {
    return new ApiError('UNAUTHENTICATED', reason.reason);
  }
  return reason instanceof ApiError ? reason : null;
}
