// Announcing new messages: read out, and with a sound and a notification of the desktop for whoever wishes it.

import { effect, signal } from '@preact/signals';
import { oneLine, upTo99 } from '../text.ts';
import type { Message } from './log.ts';
import { arrivals, unreadCount } from './store.ts';

const KEY = 'otpwire-announce';

/** Whether this browser makes a sound and shows notifications. */
export const isLoud = signal(localStorage.getItem(KEY) === 'yes');
/** What screen readers read out. */
export const announcement = signal('');

/** Switches it. Returns what the person has to know, if anything. */
export async function setLoud(wanted: boolean): Promise<string | null> {
  isLoud.value = wanted;
  localStorage.setItem(KEY, wanted ? 'yes' : 'no');
  if (!wanted) return null;
  chime();
  if (!('Notification' in globalThis) || !isSecureContext) return 'Sound is on. Notifications need https.';
  const permission = await Notification.requestPermission();
  return permission === 'granted' ? null : 'Sound is on. This browser does not allow notifications for this page.';
}

/** Whatever tabs there are, one of them announces. */
const tabs = new BroadcastChannel('otpwire-announced');
let announcedElsewhere = '';
tabs.onmessage = ({ data }) => (announcedElsewhere = data);

export function startAnnouncing(): void {
  const title = document.title;
  effect(() => {
    document.title = unreadCount.value > 0 ? `(${upTo99(unreadCount.value)}) ${title}` : title;
  });
  effect(() => {
    const message = arrivals.value[0];
    if (!message) return;
    announcement.value = spoken(message, arrivals.value.length);
    if (!isLoud.value || announcedElsewhere === message.id) return;
    tabs.postMessage(message.id);
    chime();
    if (document.hidden && 'Notification' in globalThis && Notification.permission === 'granted') notify(message);
  });
}

function spoken(message: Message, count: number): string {
  if (count > 1) return `${count} new messages`;
  const name = oneLine(message.otp?.service ?? message.senderNumber);
  return message.otp ? `New code of ${name}: ${[...message.otp.code].join(' ')}` : `New message of ${name}`;
}

function notify({ id, otp, senderNumber, messageContent }: Message): void {
  const title = otp ? `${otp.code} · ${oneLine(otp.service ?? senderNumber)}` : oneLine(senderNumber);
  const notification = new Notification(title, { body: oneLine(messageContent).slice(0, 120), tag: id, icon: '/assets/icon.svg' });
  notification.onclick = () => {
    focus();
    notification.close();
  };
}

/** Two short notes. */
function chime(): void {
  try {
    const audio = new AudioContext();
    [660, 880].forEach((frequency, index) => {
      const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
      const start = audio.currentTime + index * 0.12;
      oscillator.frequency.value = frequency;
      gain.gain.setValueAtTime(0.0001, start);
      gain.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(start);
      oscillator.stop(start + 0.3);
    });
    setTimeout(() => void audio.close(), 1000);
  } catch {
    // A browser without sound.
  }
}
