// How this browser hears from Halley, and why so: what to look at, and to pass on, when it is slow or does not come.

import { useEffect, useState } from 'preact/hooks';
import { CARRIER_WORDS } from '../transport/carrier_words';
import type { Phase } from '../transport/stream';
import { t, w, type Word } from '../words/words';
import { copyText } from './buffer_menu';
import { useSession } from './context';
import { useAccount } from './use_account';
import { words } from './use_list';

const PHASES: Record<Phase, Word> = { live: w('connected'), connecting: w('connecting…'), waiting: w('interrupted; it is tried again'), stopped: w('off') };

/** In the order of start.tsx. */
const WAYS = [w('one for all tabs of this browser'), w('one for all tabs, which one of them holds'), w('one for this tab alone: the browser lets tabs share none')];

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
  const { phase, carrier, reason } = store.connection.value;
  const { ms, error, again } = useRoundTrip();
  const [version, setVersion] = useState('');
  useEffect(() => void account.version().then(setVersion, () => undefined), []); // what keeps it away is told by the row of the answer
  const [what, why] = CARRIER_WORDS[carrier];
  const rows: [Word, string][] = [
    [w('State'), reason === '' ? t(PHASES[phase]) : `${t(PHASES[phase])} (${reason})`],
    [w('News come by'), phase === 'live' ? t(what) : '–'],
    [w('Why'), phase === 'live' ? t(why) : '–'],
    [w('Connections'), t(WAYS[store.way] ?? WAYS[2]!)],
    [w('An answer takes'), error !== '' ? error : ms === null ? '…' : t('{0} ms', ms)],
    [w('Version of Halley'), version],
    [w('Encrypted'), window.location.protocol === 'https:' ? t('yes') : t('no')],
  ];
  return (
    <>
      <dl class="facts connection">{rows.map(([name, text]) => <div key={name}><dt>{t(name)}</dt><dd>{text}</dd></div>)}</dl>
      <p>
        <button type="button" class="button small" onClick={again}>{t('Measure again')}</button>{' '}
        {window.isSecureContext && <button type="button" class="button small" onClick={() => copyText(session, rows.map(([name, text]) => `${t(name)}: ${text}`).join('\n'))}>{t('Copy')}</button>}
      </p>
    </>
  );
}
