// The SharedWorker: one hub for all tabs of this browser.

import { browserEnv } from './transport/env';
import { Hub } from './transport/hub';
import type { ToHub } from './transport/hub_words';
import { randomName } from './transport/names';

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const hub = new Hub(browserEnv(), randomName());

(globalThis as unknown as WorkerScope).onconnect = (event) => {
  const port = event.ports[0];
  if (port === undefined) return;
  const say = hub.join((word) => port.postMessage(word));
  port.onmessage = (message: MessageEvent<ToHub>) => say(message.data);
};
