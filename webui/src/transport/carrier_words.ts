// What the page calls its carriers, and why one is used: a row for each of carriers.ts.

import { w, type Word } from '../words/words';
import type { CarrierName } from './carriers';

/** What it is, and why it is used. */
export const CARRIER_WORDS: Record<CarrierName, [Word, Word]> = {
  websocket: [w('a WebSocket'), w('It is the quickest way, and gets through.')],
  ndjson: [w('a stream'), w('A WebSocket did not get through: a proxy or a program on the way may refuse it. It is tried again after a day.')],
  sse: [w('a stream of the browser’s own kind (SSE)'), w('Neither a WebSocket nor a plain stream got through: a proxy or a program on the way may hold them back. They are tried again after a day.')],
  poll: [w('one request after the other'), w('No stream got through yet: a proxy or a program on the way may hold them back. They are tried again after a day.')],
};
