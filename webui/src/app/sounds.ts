// A tone when something is for its user: off until it is asked for; one for all tabs of a browser, and for much at once; none
// for what a tab shows to somebody just then. Made here, so that no file of sound is fetched. Browser only.

import { effect } from '@preact/signals';
import type { Call } from '../state/world';
import { openMemory } from './memory';
import type { Session } from './session';
import type { Store } from './store';

const KEY = 'sounds';
const FRESH_MS = 30_000; // what is older was missed, and is told by badges
const HEED_S = 0.3; // in which a tab that shows the line says that it is read
const HUSH_S = 3; // no other tone sooner
const NOTE_S = 0.4;
/** Hertz, and seconds behind the first. */
const NOTES: [pitch: number, after: number][] = [[880, 0], [1174.66, 0.09]];
const LOUDNESS = 0.15;

/** In all tabs, at once: so it is not a signal of one. */
export function soundsOn(): boolean {
  return openMemory('localStorage').get(KEY) === 'on';
}

/** Whoever turns it on hears it. */
export function setSounds(on: boolean): void {
  openMemory('localStorage').set(KEY, on ? 'on' : '');
  if (on) void play(() => true, null);
}

function note(context: AudioContext, into: AudioNode, pitch: number, at: number): void {
  const source = context.createOscillator();
  const shape = context.createGain();
  source.frequency.value = pitch;
  shape.gain.setValueAtTime(0, at);
  shape.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  shape.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S);
  source.connect(shape);
  shape.connect(into);
  source.start(at);
  source.stop(at + NOTE_S);
}

/** Done when the next tone may come: by the sound's own clock, as timers of hidden pages may be a minute late. */
function hush(context: AudioContext): Promise<void> {
  return new Promise((resolve) => {
    const rest = context.createConstantSource();
    const silent = context.createGain();
    silent.gain.value = 0;
    rest.connect(silent);
    silent.connect(context.destination);
    rest.onended = () => resolve();
    rest.start();
    rest.stop(context.currentTime + HUSH_S);
    window.setTimeout(resolve, HUSH_S * 1000); // the browser may not let that clock run
  });
}

/** `wanted` is asked whenever `store` lists something anew. */
async function play(wanted: () => boolean, store: Store | null): Promise<void> {
  const context = new AudioContext();
  const out = context.createGain();
  out.connect(context.destination);
  const begin = context.currentTime + (store === null ? 0 : HEED_S);
  for (const [pitch, after] of NOTES) note(context, out, pitch, begin + after);
  const end = effect(() => {
    void store?.list.value;
    if (!wanted()) out.disconnect();
  });
  await hush(context);
  end();
  await context.close();
}

/** Whichever tab is the first makes it; without locks (plain http) tabs do not know of each other. */
async function once(run: () => Promise<void>): Promise<void> {
  if (navigator.locks === undefined) return run();
  const name = `halley ${new URL('./', location.href).pathname} sound`;
  await navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock === null ? undefined : run()));
}

export function followSounds({ store }: Session): void {
  const ring = ({ buffer, entry }: Call): void => {
    // A browser lets no tab sound in which nothing was clicked yet.
    if (!soundsOn() || Date.now() - entry.time > FRESH_MS || navigator.userActivation?.hasBeenActive === false) return;
    void once(() => play(() => buffer.unread > 0, store)).catch(() => undefined); // without a way to sound, badges tell it
  };
  effect(() => {
    const call = store.call.value;
    if (call !== null) ring(call);
  });
}
