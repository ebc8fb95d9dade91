// One message as a flat list of nodes to draw: styled runs, cut where links and channel names begin and end. Pure.

import { toRuns, type Run, type Style } from './format';
import { findLinks, type Found } from './links';

export type TextNode =
  | { type: 'text'; text: string; style: Style }
  | { type: 'link'; href: string; parts: Run[] }
  | { type: 'channel'; name: string; parts: Run[] };

function slice(runs: Run[], start: number, end: number): Run[] {
  const out: Run[] = [];
  let at = 0;
  for (const run of runs) {
    const from = Math.max(start, at);
    const to = Math.min(end, at + run.text.length);
    if (from < to) out.push({ text: run.text.slice(from - at, to - at), style: run.style });
    at += run.text.length;
  }
  return out;
}

function linkNode(found: Found, parts: Run[]): TextNode {
  return found.type === 'link' ? { type: 'link', href: found.href, parts } : { type: 'channel', name: found.href, parts };
}

export function toNodes(text: string): TextNode[] {
  const runs = toRuns(text);
  const plain = runs.map((run) => run.text).join('');
  const nodes: TextNode[] = [];
  let at = 0;
  const pushText = (end: number): void => {
    for (const run of slice(runs, at, end)) nodes.push({ type: 'text', text: run.text, style: run.style });
  };
  for (const found of findLinks(plain)) {
    pushText(found.start);
    nodes.push(linkNode(found, slice(runs, found.start, found.end)));
    at = found.end;
  }
  pushText(plain.length);
  return nodes;
}
