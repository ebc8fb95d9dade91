// What its user has said and no network has heard yet, on all networks: waiting, refused, or of unknown fate.

import { useEffect, useState } from 'preact/hooks';
import { audienceName } from '../state/audience';
import { isHeld, pagesOf, waits } from '../state/said';
import type { Buffer, Pending } from '../state/world';
import { showNick } from '../text/display';
import { clockTime, dayName, fullTime } from '../text/time';
import { useSession } from './context';
import { PaneFrame } from './PaneFrame';
import { RichText } from './RichText';
import { pendingState } from './Rows';
import { n, t } from '../words/words';

function Held({ buffer, item }: { buffer: Buffer; item: Pending }) {
  const session = useSession();
  const { token, state, error, time, text, audience } = item;
  const name = showNick(buffer.name);
  return (
    <li class={`held ${state}`}>
      <div class="hit-head">
        <button type="button" class="link-button hit-place" onClick={() => session.open(buffer)}>{name}</button>
        <span class="muted">{buffer.network}{audience !== '' && ` · ${audienceName(audience)}`}</span>
        <time class="muted" title={fullTime(time)}>{dayName(time, Date.now())}, {clockTime(time)}</time>
      </div>
      <bdi class="hit-text"><RichText text={text} /></bdi>
      <p class="held-state">
        <span>{pendingState(item)} {error}</span>
        {item.elsewhere === true && <span class="muted">{t('said on another device')}</span>}
        {state !== 'queued' && <button type="button" class="link-button" aria-label={t('Send again what was said to {0}', name)} onClick={() => session.outbox?.again(buffer, token)}>{t('Send again')}</button>}
        <button type="button" class="link-button" aria-label={t('Discard what was said to {0}', name)} onClick={() => session.outbox?.discard(buffer, token)}>{t('Discard')}</button>
      </p>
    </li>
  );
}

export function OutboxPane() {
  const session = useSession();
  const { store } = session;
  const [total, setTotal] = useState(0);
  void store.waits.value;
  useEffect(() => {
    void session.outbox?.look().then((count) => setTotal(count ?? 0));
  }, [store.waiting.value]);
  const all = [...store.world.networks.values()].flatMap(pagesOf).flatMap((buffer) => buffer.pending.filter(waits).map((item) => ({ buffer, item })));
  all.sort((a, b) => a.item.time - b.item.time);
  const beyond = total - all.filter(({ item }) => isHeld(item)).length;
  return (
    <PaneFrame title={t('Not sent yet')}>
      <div class="pane-body" tabIndex={0}>
        <ul>{all.map(({ buffer, item }) => <Held key={`${buffer.key} ${item.token}`} buffer={buffer} item={item} />)}</ul>
        {beyond > 0 && <p class="pane-rest">{n(beyond, 'and 1 more waits', 'and {0} more wait')}</p>}
        {all.length === 0 && <p class="pane-rest" role="status">{t('Nothing waits. What you say while a network is away is kept here, and is sent once when it is back.')}</p>}
      </div>
    </PaneFrame>
  );
}
