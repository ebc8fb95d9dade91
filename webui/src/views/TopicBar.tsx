import { useState } from 'preact/hooks';
import { news, type Buffer, type Network } from '../state/world';
import { showNick } from '../text/display';
import { useSession } from './context';
import { CloseIcon, DotsIcon, LeaveIcon, MenuIcon, MoreIcon, PeopleIcon } from './icons';
import { NOT_LOADED, withMore } from './later';
import { openMenuAt } from './open_menu';
import { RichText } from './RichText';
import { t } from '../words/words';

function Topic({ buffer }: { buffer: Buffer }) {
  const [open, setOpen] = useState(false);
  if (buffer.topic === '') return null;
  const by = buffer.topicBy === '' ? '' : ` (${t('set by {0}', showNick(buffer.topicBy))})`;
  return (
    <div class={open ? 'topic-line open' : 'topic-line'}>
      <p id="topic" class="topic" title={open ? '' : `${t('Topic')}${by}`} onClick={() => setOpen(!open)}>
        <RichText text={buffer.topic} />
      </p>
      <button
        type="button"
        class="icon-button small topic-button"
        aria-label={open ? t('Topic in one line') : t('Whole topic')}
        aria-expanded={open}
        aria-controls="topic"
        onClick={() => setOpen(!open)}
      >
        <MoreIcon />
      </button>
    </div>
  );
}

function subtitle(buffer: Buffer, network: Network | undefined): string {
  if (buffer.kind === 'query') return t('Private talk on {0}', buffer.network);
  if (network === undefined) return '';
  const called = network.isupport.networkName;
  return `${called !== '' && called !== network.name ? `${called} · ` : ''}${t('you are {0}', showNick(network.nick))}`;
}

function LeaveButton({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  if (buffer.kind === 'server') return null;
  if (buffer.kind === 'channel' && buffer.joined) {
    const label = t('Leave {0}', showNick(buffer.name));
    const leave = async (): Promise<void> => {
      if (!(await withMore(({ leaveChannel }) => void leaveChannel(session, buffer)))) session.toast(t(NOT_LOADED));
    };
    return (
      <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => void leave()}>
        <LeaveIcon />
      </button>
    );
  }
  const label = t('Close {0}', showNick(buffer.name));
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => session.close(buffer)}>
      <CloseIcon />
    </button>
  );
}

function MembersButton({ buffer }: { buffer: Buffer }) {
  const { store } = useSession();
  void store.memberSignal(buffer).value;
  const count = buffer.members.size;
  const toggle = (): void => {
    // Where the panel is a drawer, it opens over the page; where it is a column, it stays or goes.
    if (window.matchMedia('(max-width: 1100px)').matches) store.drawer.value = store.drawer.value === 'members' ? 'none' : 'members';
    else store.membersShown.value = !store.membersShown.value;
  };
  return (
    <button type="button" class="icon-button members-button" aria-label={t('Members: {0}', count)} title={t('Members')} onClick={toggle}>
      <PeopleIcon />
      <span aria-hidden="true">{count > 0 ? count : ''}</span>
    </button>
  );
}

export function TopicBar({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const { store } = session;
  void store.logSignal(buffer).value;
  void store.list.value;
  const network = store.world.networks.get(buffer.network);
  const others = store.unread.value - news(buffer);
  return (
    <header class="topic-bar">
      <button type="button" class="icon-button menu-button" aria-label={others > 0 ? t('Channels, {0} unread', others) : t('Channels')} onClick={() => { store.drawer.value = 'buffers'; }}>
        <MenuIcon />
        {others > 0 && <span class="menu-dot" aria-hidden="true" />}
      </button>
      <div class="title">
        <h1>{showNick(buffer.name)}</h1>
        {buffer.topic === '' ? <p class="topic plain">{subtitle(buffer, network)}</p> : <Topic buffer={buffer} />}
      </div>
      {buffer.kind === 'channel' && <MembersButton buffer={buffer} />}
      <button
        type="button"
        class="icon-button"
        aria-label={t('More about {0}', showNick(buffer.name))}
        title={t('More')}
        aria-haspopup="menu"
        onClick={(event) => openMenuAt(event.currentTarget, showNick(buffer.name), ({ bufferMenu }) => bufferMenu(session, buffer))}
      >
        <DotsIcon />
      </button>
      <LeaveButton buffer={buffer} />
    </header>
  );
}
