import { useEffect, useState } from 'preact/hooks';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { useSession } from './context';
import { n, t } from '../words/words';

/** Who writes something at this moment; over the list, so that nothing moves. */
export function Typing({ buffer }: { buffer: Buffer }) {
  void useSession().store.typing.value;
  const [, redraw] = useState(0);
  const now = Date.now();
  const nicks = buffer.extras.typingAt(now);
  const ends = Math.min(...[...buffer.extras.typing.values()].filter((until) => until > now));
  useEffect(() => {
    if (!Number.isFinite(ends)) return undefined;
    const timer = window.setTimeout(() => redraw((count) => count + 1), ends - Date.now() + 50);
    return () => window.clearTimeout(timer);
  }, [ends]);
  if (nicks.length === 0) return null;
  const names = nicks.length > 3 ? t('{0} people', nicks.length) : nicks.map(showNick).join(', ');
  return <p class="typing"><bdi>{names}</bdi> {n(nicks.length, 'is typing…', 'are typing…')}</p>;
}
