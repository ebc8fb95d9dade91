// Whom its user does not want to hear: rules that Halley keeps, and obeys for all clients (halley-web(7), "rules"). What
// they said before stays in the history, and is not shown (state/handle_settings.ts).

import type { Api } from '../transport/api';
import { isIgnoreMask, type Rule } from '../state/rules';
import type { Store } from './store';
import { said, t } from '../words/words';

export interface IgnoresHost {
  readonly store: Store;
  readonly api: Api;
}

export class Ignores {
  constructor(private readonly host: IgnoresHost) {}

  /** Returns what to tell about it. */
  async change(mask: string, on: boolean): Promise<string> {
    const rules = this.host.store.world.rules.filter(isIgnoreMask);
    if (mask === '') return rules.length === 0 ? t('You ignore nobody. For example: /ignore NICK') : t('You ignore {0}.', rules.map(({ pattern }) => pattern).join(', '));
    const known: Rule | undefined = rules.find(({ pattern }) => pattern.toLowerCase() === mask.toLowerCase());
    if (on && known !== undefined) return t('You ignore {0} already.', mask);
    if (!on && known === undefined) return t('You do not ignore {0}. /ignore lists whom you do.', mask);
    try {
      if (known === undefined) await this.host.api.resource('POST', 'rules', { kind: 'ignore', match: 'mask', pattern: mask });
      else await this.host.api.resource('DELETE', `rules/${encodeURIComponent(known.id)}`);
    } catch (error) {
      return error instanceof Error ? said(error.message) : '';
    }
    return on ? t('What {0} says reaches you no more, on any device. /unignore {1} takes that back.', mask, mask) : t('You hear {0} again.', mask);
  }
}
