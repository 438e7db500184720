// The text of a stranger: links are shown and asked about, and what is invisible is marked.

import { useState } from 'preact/hooks';
import { pieces } from '../text.ts';
import { CopyButton } from './copy.tsx';
import { Dialog } from './dialog.tsx';

export function StrangerText({ text }: { text: string }) {
  const [link, setLink] = useState<URL | null>(null);
  return (
    <>
      <p class="text" dir="auto">
        {pieces(text).map((piece) => {
          switch (piece.kind) {
            case 'text':
              return piece.text;
            case 'hidden':
              return <span class="hidden-character" title="A character that nobody sees">{piece.name}</span>;
            case 'link':
              return <button type="button" class="link" onClick={() => setLink(piece.url)}>{piece.text}</button>;
          }
        })}
      </p>
      {link && <LinkDialog url={link} onClose={() => setLink(null)} />}
    </>
  );
}

function LinkDialog({ url, onClose }: { url: URL; onClose: () => void }) {
  return (
    <Dialog title="Open this address?" onClose={onClose}>
      <p>A stranger sent it. It leads to <strong><bdi>{url.host}</bdi></strong>:</p>
      <p class="address"><bdi>{url.href}</bdi></p>
      <div class="actions">
        <a class="button primary" href={url.href} target="_blank" rel="noopener noreferrer" onClick={onClose}>Open in a new tab</a>
        <CopyButton text={url.href} what="the address" label="Copy" />
      </div>
    </Dialog>
  );
}
