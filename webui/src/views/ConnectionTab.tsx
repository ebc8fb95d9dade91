// How this browser hears from Halley, and why so: what to look at, and to pass on, when it is slow or does not come.

import { useEffect, useState } from 'preact/hooks';
import { clockTime, dayName } from '../text/time';
import { CARRIER_WORDS, FATE_WORDS } from '../transport/carrier_words';
import type { Trial } from '../transport/carriers';
import type { Phase } from '../transport/stream';
import { t, w, type Word } from '../words/words';
import { copyText } from './buffer_menu';
import { useSession } from './context';
import { useAccount } from './use_account';
import { words } from './use_list';

const PHASES: Record<Phase, Word> = { live: w('connected'), connecting: w('connecting…'), waiting: w('interrupted; it is tried again'), stopped: w('off') };

/** In the order of start.tsx. */
const WAYS = [w('one for all tabs of this browser'), w('one for all tabs, which one of them holds'), w('one for this tab alone: the browser lets tabs share none')];

const BEST = w('It is the quickest way, and gets through.');
const EARLIER = w('On an earlier visit it got through, and others did not.');
const AGAIN = w('What gets through is begun with for a day; then the others are tried again.');

/** What came of a better way, and when. */
function storyOf({ carrier, fate, at, said }: Trial): string {
  const words = `${t(CARRIER_WORDS[carrier])}: ${t(FATE_WORDS[fate] ?? FATE_WORDS.broke)}${said === '' ? '' : ` (${said})`}.`;
  return at === 0 ? words : `${dayName(at, Date.now())}, ${clockTime(at)}, ${words}`;
}

/** Milliseconds there and back; null: not measured yet. */
function useRoundTrip(): { ms: number | null; error: string; again(): void } {
  const { api } = useSession();
  const [ms, setMs] = useState<number | null>(null);
  const [error, setError] = useState('');
  const again = (): void => {
    const began = performance.now();
    setMs(null);
    setError('');
    api.me().then(() => setMs(Math.max(1, Math.round(performance.now() - began))), (refused: unknown) => setError(words(refused)));
  };
  useEffect(again, []);
  return { ms, error, again };
}

export function ConnectionTab() {
  const session = useSession();
  const { store } = session;
  const account = useAccount();
  const { phase, carrier, tried, reason } = store.connection.value;
  const { ms, error, again } = useRoundTrip();
  const [version, setVersion] = useState('');
  useEffect(() => void account.version().then(setVersion, () => undefined), []); // what keeps it away is told by the row of the answer
  const live = phase === 'live';
  const rows: [Word, string][] = [
    [w('State'), reason === '' ? t(PHASES[phase]) : `${t(PHASES[phase])} (${reason})`],
    [w('News come by'), live ? t(CARRIER_WORDS[carrier]) : '–'],
    [w('Why'), tried.length > 0 ? tried.map(storyOf).join('\n') : live ? t(carrier === 'websocket' ? BEST : EARLIER) : '–'],
    [w('Connections'), t(WAYS[store.way] ?? WAYS[2]!)],
    [w('An answer takes'), error !== '' ? error : ms === null ? '…' : t('{0} ms', ms)],
    [w('Version of Halley'), version],
    [w('Encrypted'), window.location.protocol === 'https:' ? t('yes') : t('no')],
  ];
  return (
    <>
      <dl class="facts connection">{rows.map(([name, text]) => <div key={name}><dt>{t(name)}</dt><dd>{text}</dd></div>)}</dl>
      {live && carrier !== 'websocket' && <p class="muted">{t(AGAIN)}</p>}
      <p>
        <button type="button" class="button small" onClick={again}>{t('Measure again')}</button>{' '}
        {live && carrier !== 'websocket' && <button type="button" class="button small" onClick={() => session.wake(true)}>{t('Try the others now')}</button>}{' '}
        {window.isSecureContext && <button type="button" class="button small" onClick={() => copyText(session, rows.map(([name, text]) => `${t(name)}: ${text}`).join('\n'))}>{t('Copy')}</button>}
      </p>
    </>
  );
}
