// The state of the line to Halley, said only when there is something to say.

import { fullTime } from '../text/time';
import { useSession } from './context';
import { n, t } from '../words/words';

export function Banner() {
  const session = useSession();
  const { store } = session;
  const { phase, everLive, reason } = store.connection.value;
  const unsent = store.unsent.value;
  const seen = store.seenAt.value;
  const lost = phase === 'waiting' || (phase === 'connecting' && everLive) || seen > 0;
  if (lost) {
    const head = seen > 0 ? t('Halley is out of reach. You see what was here on {0}.', fullTime(seen)) : everLive ? t('Connection lost, reconnecting…') : t('No connection yet, trying again…');
    const tail = unsent > 0 ? ` ${n(unsent, '1 line waits to be sent.', '{0} lines wait to be sent.')}` : '';
    return (
      <div class="banner warn" role="status">
        <span class="pulse" aria-hidden="true" />
        <span>{head}{tail}{reason !== '' && <span class="muted"> {reason}</span>}</span>
        <button type="button" class="button small" onClick={() => session.wake()}>{t('Try now')}</button>
      </div>
    );
  }
  if (store.caughtUp.value !== null) {
    const missed = store.caughtUp.value;
    const text = missed === 0 ? t('Back. You missed nothing.') : n(missed, 'Back: caught up 1 line.', 'Back: caught up {0} lines.');
    return <div class="banner good" role="status">{text}</div>;
  }
  if (store.outdated.value) {
    return (
      <div class="banner" role="status">
        <span>{t('Halley was upgraded, and has a newer page.')}</span>
        <button type="button" class="button small" onClick={() => window.location.reload()}>{t('Reload the page')}</button>
      </div>
    );
  }
  if (unsent > 0) return <div class="banner warn" role="status">{n(unsent, '1 line waits to be sent; trying again…', '{0} lines wait to be sent; trying again…')}</div>;
  return null;
}
