// A typical application with Relay: pages of a connection, a fragment that is refetched by its node's id, a mutation, a
// subscription that adds to the connection, and one that updates a node.

import { graphql, useLazyLoadQuery, useMutation, usePaginationFragment, useRefetchableFragment, useSubscription } from 'react-relay';

import type { inboxMarkReadMutation } from './__generated__/inboxMarkReadMutation.graphql';
import type { inboxMessagesQuery } from './__generated__/inboxMessagesQuery.graphql';
import type { inboxNumberQuery } from './__generated__/inboxNumberQuery.graphql';
import type { inboxNumberUpdatedSubscription } from './__generated__/inboxNumberUpdatedSubscription.graphql';
import type { inboxNumber_number$key } from './__generated__/inboxNumber_number.graphql';
import type { inboxQuery } from './__generated__/inboxQuery.graphql';
import type { inboxReceivedSubscription } from './__generated__/inboxReceivedSubscription.graphql';
import type { inbox_messages$key } from './__generated__/inbox_messages.graphql';

export function Inbox() {
  const data = useLazyLoadQuery<inboxQuery>(graphql`
    query inboxQuery($count: Int!) {
      viewer {
        email
      }
      ...inbox_messages @arguments(count: $count)
      phoneNumbers(filter: { mine: true }, first: 1) {
        edges {
          node {
            ...inboxNumber_number
          }
        }
      }
    }
  `, { count: 2 });
  return <>
    {data.viewer?.email.toLowerCase()}
    <Messages of={data} />
    {data.phoneNumbers?.edges.map(({ node }, index) => <PhoneNumber of={node} key={index} />)}
  </>;
}

function Messages({ of }: { of: inbox_messages$key }) {
  const { data, loadNext, hasNext } = usePaginationFragment<inboxMessagesQuery, inbox_messages$key>(graphql`
    fragment inbox_messages on Query
    @refetchable(queryName: "inboxMessagesQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
      messages(first: $count, after: $cursor) @connection(key: "inbox_messages") {
        __id
        latestCursor
        edges {
          node {
            id
            messageContent
            isRead
            receivedAt
          }
        }
      }
    }
  `, of);
  const [markRead] = useMutation<inboxMarkReadMutation>(graphql`
    mutation inboxMarkReadMutation($input: MarkMessageReadInput!) {
      markMessageRead(input: $input) {
        message {
          id
          isRead
        }
      }
    }
  `);
  useSubscription<inboxReceivedSubscription>({
    subscription: graphql`
      subscription inboxReceivedSubscription($after: String, $connections: [ID!]!) {
        messageReceived(after: $after) {
          cursor
          message @prependNode(connections: $connections, edgeTypeName: "MessageEdge") {
            id
            messageContent
            isRead
            receivedAt
          }
        }
      }
    `,
    variables: { after: data.messages?.latestCursor, connections: data.messages ? [data.messages.__id] : [] },
  });
  return <ul>
    {data.messages?.edges.map(({ node }) => (
      <li key={node.id} onClick={() => markRead({ variables: { input: { messageId: node.id } } })}>
        {node.isRead ? node.messageContent : node.messageContent.toUpperCase()} {Date.parse(node.receivedAt)}
      </li>
    ))}
    {hasNext && <button onClick={() => loadNext(2)}>More</button>}
  </ul>;
}

function PhoneNumber({ of }: { of: inboxNumber_number$key }) {
  const [number, refetch] = useRefetchableFragment<inboxNumberQuery, inboxNumber_number$key>(graphql`
    fragment inboxNumber_number on PhoneNumber @refetchable(queryName: "inboxNumberQuery") {
      phoneNumber
      status
      unreadCount
    }
  `, of);
  useSubscription<inboxNumberUpdatedSubscription>({
    subscription: graphql`
      subscription inboxNumberUpdatedSubscription {
        phoneNumberUpdated {
          id
          ...inboxNumber_number
        }
      }
    `,
    variables: {},
  });
  return <button onClick={() => refetch({})}>
    {number.phoneNumber} {number.status === 'ASSIGNED' ? number.unreadCount : 'expired'}
  </button>;
}
