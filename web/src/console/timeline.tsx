// When a message passed each stage between its provider and its reader.

import { useState } from 'preact/hooks';
import { MessageTimelineDocument } from '../operations/generated.ts';
import { exactly } from '../time.ts';
import { useQuery } from '../ui/query.tsx';
import { sentence } from '../ui/toast.tsx';
import { words } from './table.tsx';

/** The timeline of a message, which is asked for when somebody opens it. */
export function Timeline({ messageId }: { messageId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="timeline" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>When it passed each stage</summary>
      {isOpen && <Stages messageId={messageId} />}
    </details>
  );
}

function Stages({ messageId }: { messageId: string }) {
  const { data, error, reload } = useQuery(MessageTimelineDocument, { messageId });
  if (error) return <p class="problem" role="alert">{sentence(error.message)} <button type="button" class="button" onClick={() => void reload()}>Try again</button></p>;
  const timeline = data?.messageTimeline;
  if (!timeline) return <div class="skeletons" aria-busy="true"><i /></div>;
  return (
    <dl>
      {timeline.stages.map(({ stage, at, milliseconds }) => (
        <div key={stage}>
          <dt>{words(stage)}</dt>
          <dd><time dateTime={at} title={at}>{exactly(at)}</time>{milliseconds !== null && <> · {duration(milliseconds)} later</>}</dd>
        </div>
      ))}
      <div><dt>in all</dt><dd>{duration(timeline.milliseconds)}</dd></div>
    </dl>
  );
}

/** A duration as people read it: to the microsecond while it is short. */
function duration(milliseconds: number): string {
  return Math.abs(milliseconds) < 10_000 ? `${Number(milliseconds.toFixed(3))} ms` : `${Number((milliseconds / 1000).toFixed(1))} s`;
}
