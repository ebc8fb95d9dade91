// The middle of the page: topic, messages, what stands between you and the network, and where you write.

import type { Buffer, Network } from '../state/world';
import { showNick } from '../text/display';
import { Banner } from './Banner';
import { Composer } from './Composer';
import { useSession } from './context';
import { MessageList } from './MessageList';
import { TopicBar } from './TopicBar';
import { t } from '../words/words';

function obstacle(network: Network): string {
  const why = network.trouble === '' ? '' : ` (${network.trouble})`;
  if (network.state === 'connecting') return t('Connecting to {0}… What you write waits until then.', network.name);
  if (network.state === 'waiting') return t('{0} is not connected{1}. Halley keeps trying; what you write waits until then.', network.name, why);
  return t('{0} is switched off{1}.', network.name, why);
}

/** Why nothing can be said here at the moment, with the way out. */
function Obstacle({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  void session.store.list.value;
  const network = session.store.world.networks.get(buffer.network);
  if (network === undefined) return null;
  if (network.state !== 'connected') {
    return <div class="obstacle" role="status">{obstacle(network)}</div>;
  }
  if (buffer.kind !== 'channel' || buffer.joined) return null;
  return (
    <div class="obstacle" role="status">
      <span>{t('You are not in {0}.', showNick(buffer.name))}</span>
      <button type="button" class="button small" onClick={() => session.command(buffer.network, `JOIN ${buffer.name}`)}>{t('Join again')}</button>
    </div>
  );
}

export function BufferView({ buffer }: { buffer: Buffer }) {
  return (
    <main class="view" aria-label={showNick(buffer.name)}>
      <TopicBar buffer={buffer} />
      <Banner />
      <MessageList buffer={buffer} />
      <Obstacle buffer={buffer} />
      <Composer buffer={buffer} />
    </main>
  );
}
