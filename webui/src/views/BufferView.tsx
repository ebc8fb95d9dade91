// The middle of the page: topic, messages, what stands between you and the network, and where you write.

import type { Buffer, Network } from '../state/world';
import { showNick } from '../text/display';
import { Banner } from './Banner';
import { Composer } from './Composer';
import { useSession } from './context';
import { MessageList } from './MessageList';
import { TopicBar } from './TopicBar';

function obstacle(network: Network): string {
  const why = network.trouble === '' ? '' : ` (${network.trouble})`;
  if (network.state === 'connecting') return `Connecting to ${network.name}… What you write waits until then.`;
  if (network.state === 'waiting') return `${network.name} is not connected${why}. Halley keeps trying; what you write waits until then.`;
  return `${network.name} is switched off${why}.`;
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
      <span>You are not in {showNick(buffer.name)}.</span>
      <button type="button" class="button small" onClick={() => session.command(buffer.network, `JOIN ${buffer.name}`)}>Join again</button>
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
