// What Halley's outbox has of its user's lines, each in the talk that it belongs to: said in this tab, in another, or on
// another device. Frames tell what becomes of them (`said`, halley-web(7)).

import type { SaidFrame } from '../transport/frames';
import { audienceOf, statusSigns } from './audience';
import { fromOneLine, isOneOfMany, MULTILINE } from './multiline';
import { ensureBuffer, findBuffer, PENDING_BOUND, type Buffer, type Changes, type Network, type Pending, type World } from './world';
import { t } from '../words/words';

/** States in which a line waits for the network, or for a person. */
const OPEN = new Set(['queued', 'unknown']);

/** Whether a pending line needs its network, or its user. */
export function waits({ state }: Pending): boolean {
  return state === 'queued' || state === 'failed' || state === 'uncertain';
}

/** A line that Halley has, and that waits there. */
export function isHeld(item: Pending): boolean {
  return item.outbox !== undefined && (item.state === 'queued' || item.state === 'uncertain');
}

export function pagesOf(network: Network): Buffer[] {
  return [network.server, ...network.buffers.values()];
}

function isIt(item: Pending, frame: SaidFrame): boolean {
  if (item.outbox !== undefined) return item.outbox === frame.outbox;
  const number = item.number ?? item.stamp;
  return frame.seq !== 0 && number?.client === frame.client && number.seq === frame.seq;
}

function find(network: Network, frame: SaidFrame): { buffer: Buffer; item: Pending } | null {
  for (const buffer of pagesOf(network)) {
    const item = buffer.pending.find((each) => isIt(each, frame));
    if (item !== undefined) return { buffer, item };
  }
  return null;
}

/** As it is sent again. */
function lineOf({ notice, target, text }: SaidFrame): string {
  return `${isOneOfMany(text) ? `@${MULTILINE} ` : ''}${notice ? 'NOTICE' : 'PRIVMSG'} ${target} :${text}`;
}

/** A line that this page did not know of. */
function add(network: Network, frame: SaidFrame, changes: Changes): { buffer: Buffer; item: Pending } | null {
  const { signs, name } = audienceOf(frame.target, network.isupport.chantypes, statusSigns(network.isupport));
  const buffer = frame.notice ? (findBuffer(network, name) ?? network.server) : ensureBuffer(network, name, changes);
  if (buffer.pending.length >= PENDING_BOUND) return null;
  const action = /^\x01ACTION ([^\x01]*)\x01?$/.exec(frame.text);
  const item: Pending = {
    token: -frame.outbox, // those of the page itself count upwards
    kind: frame.notice ? 'notice' : action === null ? 'message' : 'action',
    text: action?.[1] ?? fromOneLine(frame.text),
    audience: signs,
    line: lineOf(frame),
    time: frame.time,
    state: 'queued',
    error: '',
    outbox: frame.outbox,
    number: frame.seq === 0 ? undefined : { client: frame.client, seq: frame.seq },
    elsewhere: true,
  };
  buffer.pending.push(item);
  return { buffer, item };
}

export function settleSaid(network: Network, frame: SaidFrame, changes: Changes): void {
  const found = find(network, frame) ?? (OPEN.has(frame.state) ? add(network, frame, changes) : null);
  if (found === null) return;
  const { buffer, item } = found;
  item.outbox = frame.outbox;
  // The network takes no several lines as one: this is the first of them, and the others follow under numbers of theirs.
  if (item.line.startsWith(`@${MULTILINE}`) && frame.text !== '' && !isOneOfMany(frame.text)) [item.text, item.line] = [frame.text, lineOf(frame)];
  switch (frame.state) {
    case 'queued':
      item.state = 'queued';
      break;
    case 'unknown':
      item.state = 'uncertain';
      item.error = t('Nobody knows whether this was heard. It is not sent again by itself.');
      break;
    case 'accepted':
    case 'sent':
      item.state = 'sent';
      break;
    case 'refused':
      // Halley has it no more: it is this page's again.
      item.outbox = item.number = item.stamp = undefined;
      if (item.state !== 'failed') item.error = frame.message;
      item.state = 'failed';
      break;
    case 'confirmed':
    case 'cancelled':
      buffer.pending = buffer.pending.filter((each) => each !== item);
      break;
  }
  changes.logs.add(buffer);
  changes.waiting = true;
}

/** All that Halley's outbox holds: what it does not name was settled while this page did not hear. */
export function settleAll(world: World, lines: SaidFrame[], changes: Changes): void {
  const held = new Set(lines.map(({ network, outbox }) => `${outbox} ${network}`));
  for (const network of world.networks.values()) {
    for (const buffer of pagesOf(network)) {
      const left = buffer.pending.filter((item) => !isHeld(item) || held.has(`${item.outbox ?? 0} ${network.name}`));
      if (left.length === buffer.pending.length) continue;
      buffer.pending = left;
      changes.logs.add(buffer);
      changes.waiting = true;
    }
  }
  for (const line of lines) {
    const network = world.networks.get(line.network);
    if (network !== undefined) settleSaid(network, line, changes);
  }
}
