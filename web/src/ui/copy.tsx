// Copying with one click.

import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { notify } from './toast.tsx';

/** Puts a text into the clipboard. Browsers have one only where the connection is secure; elsewhere a selection does. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'off-screen';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    if (!copied) notify('This browser does not let pages copy; select the text instead.', { isError: true });
    return copied;
  }
}

interface Props {
  text: string;
  /** What is copied, such as "the code". */
  what: string;
  class?: string;
  /** Shown beside the icon. */
  label?: string;
  onCopied?: () => void;
}

export function CopyButton({ text, what, label, onCopied, ...props }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const click = async () => {
    if (await copy(text)) {
      setCopied(true);
      onCopied?.();
    }
  };
  return (
    <button type="button" class={`button copy ${copied ? 'copied' : ''} ${props.class ?? ''}`} aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={click}>
      <Icon name={copied ? 'check' : 'copy'} />
      {label && <span>{copied ? 'Copied' : label}</span>}
    </button>
  );
}
