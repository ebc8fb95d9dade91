// The ways from a tab to a hub: a SharedWorker; else one tab that leads, found by a lock (Web Locks) and spoken to by
// BroadcastChannel; else a hub of the tab's own. Browser only.

import type { Env } from './env';
import type { Hub } from './hub';
import type { Link, OpenLink, ToHub, ToTab } from './hub_words';
import { randomName } from './names';

const AGAIN_MS = 5000;

/** Its script comes apart, as most browsers run it in a SharedWorker; asked for until it is here. Null: not wanted any more. */
async function makeHub(env: Env, script: string, wanted: () => boolean): Promise<Hub | null> {
  while (wanted()) {
    try {
      const hub = (await import(new URL(script, document.baseURI).href)) as { Hub: typeof Hub };
      if (wanted()) return new hub.Hub(env, randomName());
    } catch {
      await new Promise<void>((resolve) => env.setTimer(resolve, AGAIN_MS));
    }
  }
  return null;
}

export function ownLink(env: Env, script: string): OpenLink {
  return (hear) => {
    let open = true;
    const made = makeHub(env, script, () => open);
    const said = made.then((hub) => hub?.join((word) => queueMicrotask(() => open && hear(word))));
    return {
      post: (word) => void said.then((say) => say?.(word)),
      close: () => {
        open = false;
        void made.then((hub) => queueMicrotask(() => hub?.stop())); // behind what was said last
      },
    };
  };
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let scripts: { createScriptURL(url: string): string } | undefined;
const OURS = /^(hub\.\w+|sw)\.js$/;

/** Where the browser has Trusted Types, the page's policy lets it load no script but these. */
function trustedScript(url: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  scripts ??= types?.createPolicy('halley', { createScriptURL: (given) => (OURS.test(given) ? given : '') });
  return scripts?.createScriptURL(url) ?? url;
}

/** Keeps the page's files, so that it opens without a network. Throws where that is not allowed. */
export async function keepPage(): Promise<ServiceWorkerRegistration> {
  return navigator.serviceWorker.register(trustedScript('sw.js'), { updateViaCache: 'none' });
}

/** `url` names the worker's script by its content: tabs of another version have a hub of theirs. */
export function workerLink(url: string): OpenLink {
  return (hear, broken) => {
    if (typeof SharedWorker === 'undefined' || url === '') return null;
    let worker: SharedWorker;
    try {
      worker = new SharedWorker(trustedScript(url), { name: 'halley', type: 'module' });
    } catch {
      return null; // a browser that has it and forbids it
    }
    worker.onerror = broken;
    worker.port.onmessage = (event: MessageEvent<ToTab>) => hear(event.data);
    return { post: (word) => worker.port.postMessage(word), close: () => worker.port.close() };
  };
}

interface Envelope {
  /** A tab's name, 'hub', or '*' for all tabs. */
  to: string;
  from: string;
  word: ToHub | ToTab;
}

/** The hub of the tab that holds the lock, and how the others reach it. */
class Leader {
  private readonly tabs = new Map<string, (word: ToHub) => void>();

  constructor(
    private readonly hub: Hub,
    private readonly send: (envelope: Envelope) => void,
  ) {
    send({ to: '*', from: 'hub', word: { kind: 'unknown' } });
  }

  hear(from: string, word: ToHub): void {
    let say = this.tabs.get(from);
    if (say === undefined) {
      say = this.hub.join((answer) => this.send({ to: from, from: 'hub', word: answer }));
      this.tabs.set(from, say);
    }
    if (word.kind === 'bye') this.tabs.delete(from);
    say(word);
  }

  stop(): void {
    this.hub.stop();
  }
}

/** `tab` names this tab; `version`, a file beside the page, keeps tabs of other versions out of it, and those of another Halley at this host. */
export function leaderLink(env: Env, tab: string, version: string): OpenLink {
  return (hear) => {
    if (typeof BroadcastChannel === 'undefined' || navigator.locks === undefined) return null;
    const name = `halley ${new URL(version, document.baseURI).pathname}`;
    const channel = new BroadcastChannel(name);
    let leader: Leader | null = null;
    let step: (() => void) | null = null;
    let open = true;
    const give = new AbortController();
    const deliver = (envelope: Envelope): void => {
      if (envelope.to === 'hub') leader?.hear(envelope.from, envelope.word as ToHub);
      else if (envelope.to === tab || envelope.to === '*') hear(envelope.word as ToTab);
    };
    /** A channel does not bring a tab its own words: those go round by themselves. */
    const send = (envelope: Envelope): void => {
      if (envelope.to !== tab && !(envelope.to === 'hub' && leader !== null)) channel.postMessage(envelope);
      if (envelope.to !== 'hub' || leader !== null) queueMicrotask(() => deliver(envelope));
    };
    channel.onmessage = (event: MessageEvent<Envelope>) => deliver(event.data);
    navigator.locks
      .request(name, { signal: give.signal }, async () => {
        const hub = await makeHub(env, version, () => open);
        if (hub === null) return;
        leader = new Leader(hub, send);
        await new Promise<void>((resolve) => {
          step = resolve;
        });
      })
      .catch(() => undefined); // closed before the lock was ours
    const link: Link = {
      post: (word) => send({ to: 'hub', from: tab, word }),
      // Behind what was said last.
      close: () =>
        queueMicrotask(() => {
          open = false;
          give.abort();
          leader?.stop();
          channel.close();
          step?.();
        }),
    };
    return link;
  };
}
