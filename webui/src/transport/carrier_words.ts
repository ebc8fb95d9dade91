// What the page calls its carriers, and what came of asking for one: a row for each of carriers.ts.

import { w, type Word } from '../words/words';
import type { CarrierName, Fate } from './carriers';

export const CARRIER_WORDS: Record<CarrierName, Word> = {
  websocket: w('a WebSocket'),
  ndjson: w('a stream'),
  sse: w('a stream of the browser’s own kind (SSE)'),
  poll: w('one request after the other'),
};

export const FATE_WORDS: Record<Fate, Word> = {
  absent: w('this browser has none'),
  asked: w('asked for, and nothing has come yet'),
  barred: w('no connection came about, and the browser does not say why: a proxy or a program on the way may refuse it'),
  silent: w('it was open, and nothing came: a proxy or a program on the way holds it back'),
  late: w('after its first words nothing came in time: a proxy or a program on the way gathers what it passes on'),
  broke: w('it broke off each time'),
  refused: w('it was refused'),
};
