// Frames that tell what its user has set: rules, and for buffers. That may be told before a buffer has a page, and is kept by name until
// then. Pure.

import type { BuffersFrame, RulesFrame } from '../transport/frames';
import { toSet, withUnanswered } from './buffer_set';
import { compileMask } from './masks';
import { isIgnoreMask, toRules } from './rules';
import { foldName, orderedBuffers, type Buffer, type Changes, type Network, type World } from './world';

/** What is told of that network's buffers goes to those that have pages, and to those that come. */
export function applySettings(world: World, frame: BuffersFrame, changes: Changes): void {
  const network = world.networks.get(frame.network);
  if (network === undefined) return;
  changes.list = true;
  if (frame.whole) network.settings.clear();
  for (const raw of frame.buffers) {
    const target = String(raw['target'] ?? '');
    const folded = target === '*' ? '' : foldName(network, target);
    if (raw['removed'] === true) forget(world, network, folded);
    else network.settings.set(folded, toSet(raw));
  }
  refitSettings(network);
}

/** Names may be compared otherwise now. */
export function refitSettings(network: Network): void {
  for (const [name, set] of [...network.settings]) {
    network.settings.delete(name);
    network.settings.set(foldName(network, name), set);
  }
  for (const [folded, buffer] of [['', network.server] as const, ...network.buffers]) buffer.set = withUnanswered(network.settings.get(folded), buffer.unanswered);
}

/** It is gone with all that was said there. */
function forget(world: World, network: Network, folded: string): void {
  network.settings.delete(folded);
  const buffer: Buffer | undefined = folded === '' ? network.server : network.buffers.get(folded);
  if (buffer === undefined) return;
  buffer.log.clear();
  buffer.loading = 'no';
  buffer.unread = buffer.highlights = 0;
  if (buffer.joined || folded === '') return;
  network.buffers.delete(folded);
  if (world.active === buffer) world.active = null;
}

/** Halley keeps from us what is said from now on; what was said before is read again without it, or with it. */
export function applyRules(world: World, frame: RulesFrame, changes: Changes): void {
  world.rules = toRules(frame.rules);
  const masks = world.rules.filter(isIgnoreMask).map(({ pattern }) => pattern);
  if (masks.join('\n') === world.ignores.map(({ text }) => text).join('\n')) return;
  world.ignores = masks.map(compileMask);
  changes.list = true;
  for (const network of world.networks.values()) {
    network.ignores = world.ignores;
    for (const buffer of orderedBuffers(network).slice(1)) {
      buffer.log.clear();
      buffer.loading = 'no';
      buffer.more = true;
      changes.logs.add(buffer);
    }
  }
}
