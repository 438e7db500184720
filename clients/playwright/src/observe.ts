// What a report shows of a lease: its waits as steps.

import { fileURLToPath } from 'node:url';
import { test, type Location, type TestInfo } from '@playwright/test';
import { DEFAULT_TIMEOUT, type Lease, type LinkOptions } from '@otpwire/client';
import { untimed } from './untimed.js';

/** Makes a step of each wait. Steps and errors point to the line of the test. */
export function observe(lease: Lease, testInfo: TestInfo): Lease {
  const observed = <T>(title: string, wait: (options?: LinkOptions) => Promise<T>) => {
    const observedWait = (options: LinkOptions = {}): Promise<T> => {
      const { service, timeout = DEFAULT_TIMEOUT } = options;
      const { frames, location } = calledFrom(observedWait);
      const step = () => untimed(testInfo, timeout, () => wait(options)).catch((error: unknown) => {
        if (error instanceof Error) error.stack = `${error.name}: ${error.message}\n${frames}`;
        throw error;
      });
      return test.step(service === undefined ? title : `${title} of ${service}`, step, { ...(location && { location }) });
    };
    return observedWait;
  };
  lease.waitForCode = observed('Wait for a code', lease.waitForCode.bind(lease));
  lease.waitForMessage = observed('Wait for a message', lease.waitForMessage.bind(lease));
  lease.waitForLink = observed('Wait for a link', lease.waitForLink.bind(lease));
  return lease;
}

/** The stack below a function, and the place in the first line of it. */
function calledFrom(callee: (...all: never[]) => unknown): { frames: string; location: Location | undefined } {
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, callee);
  const frames = here.stack?.split('\n').slice(1).join('\n') ?? '';
  const [, place, line, column] = /(?:\(|at )((?:file:|[A-Z]:|\/)[^()\n]*):(\d+):(\d+)/.exec(frames) ?? [];
  if (!place) return { frames, location: undefined };
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  return { frames, location: { file, line: Number(line), column: Number(column) } };
}
