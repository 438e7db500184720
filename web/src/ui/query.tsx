// Queries of screens: what is shown, while it loads and when it fails; and lists in pages.

import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../graphql.ts';
import type { TypedDocumentString } from '../operations/generated.ts';
import { sentence } from './toast.tsx';

interface Loaded<Result> {
  data: Result | null;
  error: Error | null;
  isLoading: boolean;
  reload: () => Promise<void>;
}

/** Runs a query, and again when its variables change. An answer that comes after that of a later one is dropped. */
export function useQuery<Result, Variables extends Record<string, unknown>>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Loaded<Result> {
  const [state, setState] = useState<{ data: Result | null; error: Error | null; isLoading: boolean }>({ data: null, error: null, isLoading: true });
  const latest = useRef(0);
  const key = JSON.stringify(variables);
  const reload = useCallback(async () => {
    const number = ++latest.current;
    setState((before) => ({ ...before, isLoading: true }));
    try {
      const data = await request(document as TypedDocumentString<Result, Record<string, unknown>>, JSON.parse(key));
      if (number === latest.current) setState({ data, error: null, isLoading: false });
    } catch (error) {
      if (number === latest.current) setState((before) => ({ ...before, error: error as Error, isLoading: false }));
    }
  }, [document, key]);
  useEffect(() => {
    void reload();
    return () => void latest.current++;
  }, [reload]);
  return { ...state, reload };
}

interface PageOf<Node> {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount?: number | null;
}

interface Listed<Node> {
  nodes: readonly Node[];
  totalCount: number | null;
  hasMore: boolean;
  more: () => void;
  error: Error | null;
  isLoading: boolean;
  reload: () => Promise<void>;
}

const PAGE = 50;

/** Runs a query of a list, page by page. */
export function useList<Result, Variables extends Record<string, unknown>, Node>(
  document: TypedDocumentString<Result, Variables & { first: number; after?: string | null | undefined }>,
  variables: Variables,
  pageOf: (result: Result) => PageOf<Node> | null,
): Listed<Node> {
  const first = useQuery(document as TypedDocumentString<Result, Record<string, unknown>>, { ...variables, first: PAGE });
  const [further, setFurther] = useState<{ of: Result | null; pages: readonly PageOf<Node>[] }>({ of: null, pages: [] });
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const head = first.data && pageOf(first.data);
  const pages = head ? [head, ...(further.of === first.data ? further.pages : [])] : [];
  const last = pages.at(-1);
  const more = async () => {
    if (!last?.pageInfo.endCursor || isReading) return;
    setReading(true);
    try {
      const result = await request(document as TypedDocumentString<Result, Record<string, unknown>>, { ...variables, first: PAGE, after: last.pageInfo.endCursor });
      const page = pageOf(result);
      if (page) setFurther({ of: first.data, pages: [...pages.slice(1), page] });
      setError(null);
    } catch (error) {
      setError(error as Error);
    } finally {
      setReading(false);
    }
  };
  return {
    nodes: pages.flatMap(({ nodes }) => nodes),
    totalCount: head?.totalCount ?? null,
    hasMore: last?.pageInfo.hasNextPage ?? false,
    more: () => void more(),
    error: error ?? first.error,
    isLoading: first.isLoading || isReading,
    reload: first.reload,
  };
}

/** What a list shows besides its rows. */
export function ListEnd({ list, children }: { list: Listed<unknown>; children: ComponentChildren }) {
  if (list.error) return <p class="problem" role="alert">{sentence(list.error.message)} <button type="button" class="button" onClick={() => void list.reload()}>Try again</button></p>;
  if (list.nodes.length === 0) return list.isLoading ? <div class="skeletons" aria-busy="true"><i /><i /></div> : <div class="empty">{children}</div>;
  return list.hasMore ? <p class="more"><button type="button" class="button" disabled={list.isLoading} onClick={list.more}>Show more</button></p> : null;
}
