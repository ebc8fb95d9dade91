// Whose words are not shown, on each network: kept in this browser, for its user. What they say is not even an entry:
// what was read before is read again when this changes.

import { compileMask, MOST_MASKS, type Mask } from '../state/masks';
import { orderedBuffers, type Network, type World } from '../state/world';
import { Memory } from './memory';
import { t } from '../words/words';

export class Ignores {
  private memory = new Memory(null);

  belongTo(memory: Memory): void {
    this.memory = memory;
  }

  /** Networks that came since. */
  apply(world: World): void {
    for (const network of world.networks.values()) {
      const texts = (this.memory.get(`ignores.${network.name}`) ?? '').split('\n').filter((text) => text !== '');
      if (texts.join('\n') !== textsOf(network.ignores).join('\n')) network.ignores = texts.map((text) => compileMask(text, network.isupport.casemapping));
    }
  }

  /** Returns what to tell about it. */
  change(network: Network, text: string, on: boolean): string {
    const texts = textsOf(network.ignores);
    if (text === '') return texts.length === 0 ? t('You ignore nobody here. For example: /ignore NICK') : t('You ignore {0} on {1}.', texts.join(', '), network.name);
    const known = texts.some((each) => each.toLowerCase() === text.toLowerCase());
    if (on === known) return on ? t('You ignore {0} already.', text) : t('You do not ignore {0}. /ignore lists whom you do.', text);
    if (on && texts.length >= MOST_MASKS) return t('You ignore {0} already. Take one back with /unignore first.', MOST_MASKS);
    const next = on ? [...texts, text] : texts.filter((each) => each.toLowerCase() !== text.toLowerCase());
    this.memory.set(`ignores.${network.name}`, next.join('\n'));
    network.ignores = next.map((each) => compileMask(each, network.isupport.casemapping));
    for (const buffer of orderedBuffers(network)) {
      if (buffer.kind === 'server') continue;
      buffer.log.clear();
      buffer.loading = 'no';
      buffer.more = true;
    }
    return on ? t('What {0} says on {1} is hidden, in this browser. /unignore {2} shows it again.', text, network.name, text) : t('What {0} says is shown again.', text);
  }
}

function textsOf(masks: Mask[]): string[] {
  return masks.map(({ text }) => text);
}
