// What the switcher offers for what is typed into it: pages, places to look, commands, a channel to join, a search. Pure.

import { best } from './match';
import { isChannel, news, orderedBuffers, type Buffer, type Network, type World } from './world';
import { t, type Word } from '../words/words';

export type SwitchItem =
  | { kind: 'buffer'; key: string; buffer: Buffer }
  | { kind: 'pane'; key: string; label: string; pane: 'search' | 'mentions' | 'unread' | 'channels'; network: string }
  | { kind: 'join'; key: string; name: string; network: string }
  | { kind: 'command'; key: string; name: string; help: Word }
  | { kind: 'search'; key: string; text: string };

const MOST = 30;
const MOST_COMMANDS = 60;

export interface SwitchCommand {
  name: string;
  help: Word;
}

function panes(world: World): SwitchItem[] {
  const fixed: SwitchItem[] = [
    { kind: 'pane', key: 'pane mentions', label: t('Mentions'), pane: 'mentions', network: '' },
    { kind: 'pane', key: 'pane unread', label: t('Unread'), pane: 'unread', network: '' },
    { kind: 'pane', key: 'pane search', label: t('Search messages'), pane: 'search', network: '' },
  ];
  const lists = [...world.networks.keys()].map((name): SwitchItem => ({ kind: 'pane', key: `pane channels ${name}`, label: t('Channels of {0}', name), pane: 'channels', network: name }));
  return [...fixed, ...lists];
}

function nameOf(item: SwitchItem): string {
  return item.kind === 'buffer' ? item.buffer.name : item.kind === 'pane' ? item.label : '';
}

/** Those that call come first, then what is unread, then the rest in the order of the list. */
function byNeed(a: Buffer, b: Buffer): number {
  return b.highlights - a.highlights || Number(news(b) > 0) - Number(news(a) > 0);
}

function joinable(typed: string, network: Network | undefined): SwitchItem[] {
  if (network === undefined || typed.length < 2 || !isChannel(network, typed) || /[\s,]/.test(typed)) return [];
  return network.buffers.has(typed) ? [] : [{ kind: 'join', key: 'join', name: typed, network: network.name }];
}

export function switchItems(world: World, typed: string, commands: SwitchCommand[]): SwitchItem[] {
  const text = typed.trim();
  if (text.startsWith('/')) {
    return best(text.slice(1).split(' ')[0] ?? '', commands, ({ name }) => name, MOST_COMMANDS).map(({ name, help }) => ({ kind: 'command', key: `/${name}`, name, help }));
  }
  const buffers = [...world.networks.values()].flatMap(orderedBuffers).filter((buffer) => buffer !== world.active);
  buffers.sort(byNeed);
  const pages = [...buffers.map((buffer): SwitchItem => ({ kind: 'buffer', key: buffer.key, buffer })), ...panes(world)];
  if (text === '') return pages.slice(0, MOST);
  const open = world.networks.get(world.active?.network ?? '');
  return [...best(text, pages, nameOf, MOST), ...joinable(text, open), { kind: 'search', key: 'search', text }];
}
