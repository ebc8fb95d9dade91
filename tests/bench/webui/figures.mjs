// What the measurements are called, what they should be at most, and how a document tells of them.

import { readFileSync, writeFileSync } from 'node:fs';
import { median } from './trace.mjs';

const bytes = (value) => `${value.toLocaleString('en')} bytes`;
const ms = (value) => `${value < 20 ? value.toFixed(1) : Math.round(value)} ms`;
const percent = (value) => `${Math.round(value * 100)} %`;
const megabytes = (value) => `${(value / 1e6).toFixed(1)} MB`;
const count = (value) => String(Math.round(value));

/** [what, figure, as text, what it should be at most; null where nothing is asked] */
const ROWS = [
  ['fetched by a first visit until a channel can be read, compressed', 'fetched', bytes, 81_920],
  ['first paint', 'paint', ms, 200],
  ['channel readable', 'readable', ms, 400],
  ['first paint, slow 4G and a quarter of the processor', 'slowPaint', ms, null],
  ['channel readable, likewise', 'slowReadable', ms, 1200],
  ['opening a channel for the first time, script, p95', 'openScript', ms, 16],
  ['... to the frame, p95', 'openFrame', ms, 50],
  ['... longest task of 40 channels, of the processor', 'openLongest', ms, 50],
  ['switching channels, script, p95', 'switchScript', ms, 16],
  ['... to the frame, p95', 'switchFrame', ms, 50],
  ['scrolling in a million lines, both ways, between frames, p95', 'scrollP95', ms, 16.7],
  ['... longest task, of the processor', 'scrollLongest', ms, 50],
  ['... main thread, of the processor', 'scrollBusy', percent, null],
  ['any of a million lines, from its address to the view, p95', 'jumpLine', ms, 300],
  ['any day of them, p95', 'jumpDay', ms, 300],
  ['a visit that begins in a channel of 7,000, longest task, of the processor', 'crowdVisit', ms, 50],
  ['opening it, and filtering its members, likewise', 'crowdUsed', ms, 50],
  ['netsplit and rejoin of 7,000, longest task', 'splitLongest', ms, 50],
  ['... of the processor', 'splitLongestCpu', ms, 50],
  ['... tasks over 50 ms', 'splitOver50', count, 0],
  ['flood of 1,000 lines/s, key to paint, p75', 'floodInput', ms, 40],
  ['... main thread busy', 'floodBusy', percent, 0.6],
  ['... of the processor', 'floodBusyCpu', percent, 0.6],
  ['... lines a second that came', 'floodLines', count, null],
  ['heap after so many lines in 100 channels, all looked at', 'heap', megabytes, 30e6],
  ['... of the worker that holds the stream', 'hubHeap', megabytes, null],
  ['... lines', 'lines', (value) => value.toLocaleString('en'), null],
];

function verdict(value, most) {
  if (most === null) return '';
  return value <= most ? 'met' : '**missed**';
}

/** The median of all rounds, and what they lie between. */
export function table(runs) {
  const lines = ['| what | measured (least to most) | at most | |', '|---|---|---|---|'];
  for (const [what, name, show, most] of ROWS) {
    const values = runs[name];
    if (values === undefined) continue;
    const [least, largest] = [Math.min(...values), Math.max(...values)].map(show);
    const spread = least === largest ? '' : ` (${least} to ${largest})`;
    lines.push(`| ${what} | ${show(median(values))}${spread} | ${most === null ? '' : show(most)} | ${verdict(median(values), most)} |`);
  }
  return lines.join('\n');
}

const START = '<!-- tests/bench/webui/measure.mjs writes what follows -->';
const END = '<!-- tests/bench/webui/measure.mjs wrote this -->';

/** Puts them in a document's place for them, instead of what stood there. */
export function putInto(file, text) {
  const [before, rest] = readFileSync(file, 'utf8').split(`${START}\n`);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${file} has no place for the figures: the lines '${START}' and '${END}' are missing`);
  writeFileSync(file, `${before}${START}\n\n${text}\n\n${END}${after}`);
}
