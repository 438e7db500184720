// One message: whose it is, its code, large, and its text on demand.

import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import { oneLine } from '../text.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { readable } from '../ui/phone.ts';
import { StrangerText } from '../ui/stranger.tsx';
import { Ago } from '../ui/time.tsx';
import { notify, notifyError } from '../ui/toast.tsx';
import type { Message } from './log.ts';
import { CHANNELS } from './search.ts';
import { markRead, remove } from './store.ts';

interface Props {
  message: Message;
  isOpen: boolean;
  onToggle: (message: Message) => void;
}

export const MessageCard = memo(({ message, isOpen, onToggle }: Props) => {
  const { otp, senderNumber, phoneNumber, isRead, messageType, channel } = message;
  const name = oneLine(otp?.service ?? senderNumber) || 'Unknown sender';
  return (
    <li class={`message ${isRead ? 'is-read' : 'unread'} ${isOpen ? 'open' : ''}`} data-id={message.id}>
      <article aria-label={`${isRead ? '' : 'Unread: '}${name}${otp ? `, code ${otp.code}` : ''}`} tabIndex={-1}>
        <span class={`avatar hue-${hue(name)}`} aria-hidden="true">{[...name][0]?.toUpperCase()}</span>
        <div class="who">
          <h2><bdi>{name}</bdi>{!isRead && <span class="unread-dot" title="Unread" />}</h2>
          <p class="meta">
            {otp?.service && otp.service.toLowerCase() !== senderNumber.toLowerCase() && <><bdi>{oneLine(readable(senderNumber))}</bdi> · </>}
            to <bdi>{readable(phoneNumber)}</bdi>{channel !== 'SMS' && ` by ${CHANNELS[channel]}`} · <Ago time={message.receivedAt} />
          </p>
        </div>
        {otp ? <Code code={otp.code} name={name} message={message} /> : messageType === 'VERIFICATION' && <span class="tag">Confirmation</span>}
        <button type="button" class="preview" aria-expanded={isOpen} onClick={() => onToggle(message)}>
          <span class="off-screen">{isOpen ? 'Hide' : 'Show'} the whole text of {name}: </span>
          <span class="preview-text" dir="auto">{isOpen ? 'Hide the text' : oneLine(message.messageContent)}</span>
          <Icon name="down" />
        </button>
        {isOpen && <Details message={message} />}
      </article>
    </li>
  );
});

function Code({ code, name, message }: { code: string; name: string; message: Message }) {
  // Codes of digits are easier to type in groups; the text stays as it is.
  const groups = /^\d{6,9}$/.test(code) ? code.match(code.length % 3 === 0 ? /.{3}/g : /.{1,4}/g) ?? [code] : [code];
  return (
    <div class="code-line">
      <span class="code">{groups.map((group, index) => <span key={index}>{group}</span>)}</span>
      <CopyButton text={code} what={`the code of ${name}`} class="strong" label="Copy" onCopied={() => void markRead(message).catch(notifyError)} />
    </div>
  );
}

function Details({ message }: { message: Message }) {
  const [isAsking, setAsking] = useState(false);
  const erase = () => remove(message).then(() => notify('The message is deleted.'), notifyError);
  return (
    <div class="details">
      <StrangerText text={message.messageContent} />
      {message.media.length > 0 && <p class="meta">{message.media.length === 1 ? 'A file came with it' : `${message.media.length} files came with it`}; it stays at the provider.</p>}
      <div class="actions">
        <CopyButton text={message.messageContent} what="the text" label="Copy the text" />
        {isAsking
          ? <><button type="button" class="button danger" onClick={erase}>Delete for good</button><button type="button" class="button quiet" onClick={() => setAsking(false)}>Keep</button></>
          : <button type="button" class="button quiet danger" onClick={() => setAsking(true)}><Icon name="trash" />Delete</button>}
      </div>
    </div>
  );
}

/** The same name has the same hue. */
function hue(name: string): number {
  let sum = 0;
  for (const character of name.toLowerCase()) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return sum % 8;
}
