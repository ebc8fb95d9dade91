// The state of the line to Halley, said only when there is something to say.

import { useSession } from './context';

function plural(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

export function Banner() {
  const session = useSession();
  const { store } = session;
  const { phase, everLive, reason } = store.connection.value;
  const unsent = store.unsent.value;
  const lost = phase === 'waiting' || (phase === 'connecting' && everLive);
  if (lost) {
    const head = everLive ? 'Connection lost, reconnecting…' : 'No connection yet, trying again…';
    const tail = unsent > 0 ? ` ${plural(unsent, 'line waits', 'lines wait')} to be sent.` : '';
    return (
      <div class="banner warn" role="status">
        <span class="pulse" aria-hidden="true" />
        <span>{head}{tail}{reason !== '' && <span class="muted"> {reason}</span>}</span>
        <button type="button" class="button small" onClick={() => session.wake()}>Try now</button>
      </div>
    );
  }
  if (store.caughtUp.value !== null) {
    const missed = store.caughtUp.value;
    const text = missed === 0 ? 'Back. You missed nothing.' : `Back: caught up ${plural(missed, 'line', 'lines')}.`;
    return <div class="banner good" role="status">{text}</div>;
  }
  if (unsent > 0) return <div class="banner warn" role="status">{plural(unsent, 'line waits', 'lines wait')} to be sent; trying again…</div>;
  return null;
}
