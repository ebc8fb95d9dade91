// One hub for all tabs of this browser: a SharedWorker, where there are such; else the script that the tab which leads takes
// its hub from (transport/links.ts). One file, so that nobody is sent it twice.

import { browserEnv } from './transport/env';
import { Hub } from './transport/hub';
import type { ToHub } from './transport/hub_words';
import { randomName } from './transport/names';

export { Hub };

interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

function serve(scope: WorkerScope): void {
  const hub = new Hub(browserEnv(), randomName());
  scope.onconnect = (event) => {
    const port = event.ports[0];
    if (port === undefined) return;
    const say = hub.join((word) => port.postMessage(word));
    port.onmessage = (message: MessageEvent<ToHub>) => say(message.data);
  };
}

if ('onconnect' in globalThis) serve(globalThis as unknown as WorkerScope);
