import { useEffect, useState } from 'preact/hooks';
import { afterOf } from '../app/marks';
import type { Hit } from '../app/search';
import { isTalk } from '../state/entry';
import { historyEntries } from '../state/fold';
import { news, orderedBuffers, type Buffer } from '../state/world';
import { showNick } from '../text/display';
import { useSession } from './context';
import { HitRow } from './Hits';
import { PaneFrame } from './PaneFrame';
import { n, t } from '../words/words';

/** Of each talk so many lines are shown; the lines of so many talks. */
const LINES = 5;
const MOST_TALKS = 50;

/** The first unread lines: from the server, as most of these talks were never opened. */
function useFirstLines(buffer: Buffer): Hit[] {
  const session = useSession();
  const [hits, setHits] = useState<Hit[]>([]);
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      const network = session.store.world.networks.get(buffer.network);
      const id = afterOf(session.markOf(buffer));
      if (network === undefined || id === null) return;
      const { lines } = await session.api.history(buffer.network, buffer.name, { by: 'after', id }, LINES * 10);
      const entries = historyEntries(network, lines).filter((entry) => isTalk(entry.kind) && !entry.own);
      if (!gone) setHits(entries.slice(0, LINES).map((entry) => ({ network: buffer.network, place: buffer.name, id: entry.id ?? '', entry })));
    };
    load().catch(() => undefined); // the name and the count stand there all the same
    return () => { gone = true; };
  }, [buffer]);
  return hits;
}

function Talk({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const hits = useFirstLines(buffer);
  const more = buffer.unread - hits.length;
  return (
    <section class="unread-talk" aria-label={showNick(buffer.name)}>
      <header>
        <h2><button type="button" class="link-button" onClick={() => session.open(buffer)}>{showNick(buffer.name)}</button></h2>
        <span class="muted">{buffer.network} · {t('{0} unread', buffer.unread)}</span>
        <button type="button" class="button small" onClick={() => session.markRead([buffer])}>{t('Mark read')}</button>
      </header>
      <ul>{hits.map((hit) => <HitRow key={hit.id} hit={hit} words={[]} />)}</ul>
      {hits.length > 0 && more > 0 && <p class="muted unread-more">{n(more, 'and 1 more', 'and {0} more')}</p>}
    </section>
  );
}

export function UnreadPane() {
  const session = useSession();
  const { store } = session;
  void store.list.value;
  const all = [...store.world.networks.values()].flatMap(orderedBuffers).filter((buffer) => news(buffer) > 0);
  all.sort((a, b) => b.highlights - a.highlights);
  const tools = all.length > 0 && <button type="button" class="button small" onClick={() => session.markRead(all)}>{t('Mark all read')}</button>;
  return (
    <PaneFrame title={t('Unread')} tools={tools}>
      <div class="pane-body" tabIndex={0}>
        {all.slice(0, MOST_TALKS).map((buffer) => <Talk key={buffer.key} buffer={buffer} />)}
        {all.length > MOST_TALKS && <p class="pane-rest">{n(all.length - MOST_TALKS, 'and 1 more talk', 'and {0} more talks')}</p>}
        {all.length === 0 && <p class="pane-rest" role="status">{t('You have read everything.')}</p>}
      </div>
    </PaneFrame>
  );
}
