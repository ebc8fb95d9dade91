// The channels of a network, to look through and join. Of twenty thousand only the rows in sight are drawn.

import { useEffect, useRef, useState } from 'preact/hooks';
import { goToChannel } from '../app/places';
import { listedChannels, listTrouble, sift, type ListedChannel } from '../state/channel_list';
import { findBuffer, type Gathered, type Network } from '../state/world';
import { showNick, withoutTowers } from '../text/display';
import { useSession } from './context';
import { SearchIcon } from './icons';
import { PaneFrame } from './PaneFrame';
import { useRowWindow } from './row_window';
import { n, t } from '../words/words';

const ROW = 58; // pixels; the style sheet's rows are as high as their place

interface Listing {
  gathered: Gathered;
  channels: ListedChannel[];
  seen: number;
}

/** What has come of the list so far. */
function useListing(network: Network): { listing: Listing | null; again(): void } {
  const session = useSession();
  const held = useRef<Listing | null>(null);
  const [, redraw] = useState(0);
  void session.store.answers.value;
  const again = (): void => {
    held.current = { gathered: session.gather(network.name, 'LIST'), channels: [], seen: 0 };
    redraw((count) => count + 1);
  };
  useEffect(again, [network]);
  const listing = held.current;
  if (listing !== null && listing.seen < listing.gathered.rows.length) {
    listing.channels.push(...listedChannels(listing.gathered, listing.seen));
    listing.seen = listing.gathered.rows.length;
  }
  return { listing, again };
}

function Row({ network, channel, top }: { network: Network; channel: ListedChannel; top: number }) {
  const session = useSession();
  const { name, members, topic } = channel;
  const here = findBuffer(network, name)?.joined === true;
  return (
    <li style={{ top: `${top}px`, height: `${ROW}px` }}>
      <button type="button" class="listed" onClick={() => goToChannel(session, network, name)}>
        <span class="listed-name">{showNick(name)}{here && <span class="tag">{t('joined')}</span>}</span>
        <span class="listed-count">{members}</span>
        <span class="listed-topic">{withoutTowers(topic)}</span>
      </button>
    </li>
  );
}

function words(listing: Listing | null, shown: number): string {
  if (listing === null) return '';
  const all = listing.channels.length;
  const trouble = listTrouble(listing.gathered);
  if (trouble !== '') return t('The network does not list them: {0}', trouble);
  if (!listing.gathered.done) return t('Loading… {0} so far', all);
  return shown === all ? n(all, '1 channel', '{0} channels') : t('{0} of {1} channels', shown, all);
}

function Channels({ network }: { network: Network }) {
  const { listing, again } = useListing(network);
  const [filter, setFilter] = useState('');
  const fitting = sift(listing?.channels ?? [], filter);
  const { ref, from, to, onScroll } = useRowWindow(fitting.length, ROW);
  const typed = (event: InputEvent): void => {
    setFilter(event.target instanceof HTMLInputElement ? event.target.value : '');
    if (ref.current !== null) ref.current.scrollTop = 0;
  };
  return (
    <PaneFrame title={t('Channels of {0}', network.name)} tools={<button type="button" class="button small" onClick={again}>{t('Ask again')}</button>}>
      <form class="pane-form" role="search" onSubmit={(event) => event.preventDefault()}>
        <SearchIcon />
        <input type="search" aria-label={t('Filter channels')} placeholder={t('Name or topic')} onInput={typed} autocapitalize="none" autocomplete="off" spellcheck={false} />
      </form>
      <p class="listed-state" role="status">{words(listing, fitting.length)}</p>
      <div class="pane-body listed-channels" ref={ref} onScroll={onScroll} tabIndex={0}>
        <ul style={{ height: `${fitting.length * ROW}px` }}>
          {fitting.slice(from, to).map((channel, index) => <Row key={channel.name} network={network} channel={channel} top={(from + index) * ROW} />)}
        </ul>
      </div>
    </PaneFrame>
  );
}

export function ChannelsPane({ name }: { name: string }) {
  const { store } = useSession();
  void store.list.value;
  const network = store.world.networks.get(name);
  if (network?.state === 'connected') return <Channels network={network} />;
  return <PaneFrame title={t('Channels of {0}', name)}><p class="pane-rest" role="status">{t('{0} is not connected. Its channels can be listed when it is.', name)}</p></PaneFrame>;
}
