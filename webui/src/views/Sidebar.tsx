// Networks and what is in them, with what waits to be read.

import { Component } from 'preact';
import { useRef } from 'preact/hooks';
import type { Session } from '../app/session';
import { news, orderedBuffers, type Buffer, type Network } from '../state/world';
import { showNick } from '../text/display';
import { useSession } from './context';
import { AutoIcon, Comet, GearIcon, LogoutIcon, MentionIcon, MoonIcon, MoreIcon, MuteIcon, PinIcon, PlusIcon, SearchIcon, SendIcon, SunIcon, UnreadIcon } from './icons';
import { openDialog } from './open_dialog';
import { openMenu, openMenuAt } from './open_menu';
import { t, w } from '../words/words';

function Badge({ buffer }: { buffer: Buffer }) {
  if (news(buffer) === 0) return null;
  const loud = buffer.highlights > 0;
  const count = loud ? buffer.highlights : buffer.unread;
    return (
    <span class={loud ? 'badge loud' : 'badge'} aria-label={loud ? t('{0} for you', count) : t('{0} unread', count)}>
      {count > 99 ? '99+' : count}
    </span>
  );
}

interface LinkProps {
  session: Session;
  buffer: Buffer;
  active: boolean;
  /** What it shows of the buffer, which is changed in place. */
  stamp: string;
}

function stampOf({ name, kind, joined, unread, highlights, set }: Buffer): string {
  return [name, kind, joined, unread, highlights, set.muted, set.pinned, set.detached].join();
}

/** Of hundreds only those that look different are drawn again. */
class BufferLink extends Component<LinkProps> {
  override shouldComponentUpdate(next: LinkProps): boolean {
    const { buffer, active, stamp } = this.props;
    return next.buffer !== buffer || next.active !== active || next.stamp !== stamp;
  }

  render() {
    const { session, buffer, active } = this.props;
    const sign = buffer.kind === 'channel' ? buffer.name.charAt(0) : '';
    const classes = ['buffer-link'];
    if (active) classes.push('active');
    if (news(buffer) > 0) classes.push('unread');
    if (buffer.set.muted) classes.push('muted-buffer');
    if (buffer.kind === 'channel' && (!buffer.joined || buffer.set.detached)) classes.push('parted');
    return (
      <li>
        <button
          type="button"
          class={classes.join(' ')}
          aria-current={active ? 'page' : undefined}
          data-buffer={buffer.key}
          onClick={() => session.open(buffer)}
          onContextMenu={(event) => openMenu(event, showNick(buffer.name), ({ bufferMenu }) => bufferMenu(session, buffer))}
        >
          <span class="sign" aria-hidden="true">{sign === '' ? '@' : sign}</span>
          <span class="name">{showNick(buffer.name.slice(sign.length))}</span>
          {buffer.set.pinned && <span class="mark" title={t('Pinned')}><PinIcon /></span>}
          {buffer.set.muted && <span class="mark" title={t('Muted')}><MuteIcon /></span>}
          <Badge buffer={buffer} />
        </button>
      </li>
    );
  }
}

const STATES = { connected: w('connected'), connecting: w('connecting…'), waiting: w('not connected'), disconnected: w('off') };

function NetworkBlock({ network, onJoin }: { network: Network; onJoin(network: Network): void }) {
  const session = useSession();
  void session.store.list.value; // the network is changed in place: only the signal tells
  const active = session.store.pane.value === null ? session.store.active.value : null;
  const [, ...buffers] = orderedBuffers(network);
  const shown = network.folded ? buffers.filter((buffer) => buffer === active || news(buffer) > 0) : buffers;
  const state = t(STATES[network.state]);
  return (
    <section class="network" aria-label={`${network.name}, ${state}`}>
      <header class="network-head">
        <button
          type="button"
          class={active === network.server ? 'network-link active' : 'network-link'}
          aria-current={active === network.server ? 'page' : undefined}
          data-buffer={network.server.key}
          title={`${network.name}: ${network.trouble || state}`}
          onClick={() => session.open(network.server)}
          onContextMenu={(event) => openMenu(event, network.name, ({ bufferMenu }) => bufferMenu(session, network.server))}
        >
          <span class={`dot ${network.state}`} aria-hidden="true" />
          <span class="name">{network.name}</span>
          {network.state !== 'connected' && <span class="state">{state}</span>}
          <Badge buffer={network.server} />
        </button>
        {buffers.length > 0 && (
          <button type="button" class="icon-button small fold-button" aria-expanded={!network.folded} aria-label={t('Channels of {0}', network.name)} onClick={() => session.arrangement.toggleFold(network)}>
            <MoreIcon />
          </button>
        )}
        <button type="button" class="icon-button small" aria-label={t('Join a channel on {0}', network.name)} onClick={() => onJoin(network)}>
          <PlusIcon />
        </button>
      </header>
      <ul class="buffers">
        {shown.map((buffer) => <BufferLink key={buffer.key} session={session} buffer={buffer} active={buffer === active} stamp={stampOf(buffer)} />)}
      </ul>
      {buffers.length === 0 && (
        <button type="button" class="quiet-button" onClick={() => onJoin(network)}>{t('Join a channel…')}</button>
      )}
    </section>
  );
}

const THEMES = {
  auto: { next: 'light', label: w('Theme: as the system has it'), icon: <AutoIcon /> },
  light: { next: 'dark', label: w('Theme: light'), icon: <SunIcon /> },
  dark: { next: 'auto', label: w('Theme: dark'), icon: <MoonIcon /> },
} as const;

function Footer() {
  const session = useSession();
  const { store } = session;
  const theme = THEMES[store.theme.value];
  return (
    <footer class="sidebar-foot">
      <span class="who" title={t('Logged in as {0}', store.user.value)}>{store.user.value}</span>
      <button type="button" class="icon-button" aria-label={t(theme.label)} title={t(theme.label)} onClick={() => { store.theme.value = theme.next; }}>
        {theme.icon}
      </button>
      <button type="button" class="icon-button" aria-label={t('Settings')} title={t('Settings')} aria-haspopup="menu" onClick={(event) => openMenuAt(event.currentTarget, t('Settings'), ({ settingsMenu }) => settingsMenu(store))}>
        <GearIcon />
      </button>
      <button type="button" class="icon-button" aria-label={t('Log out')} title={t('Log out')} onClick={() => void session.logout()}>
        <LogoutIcon />
      </button>
    </footer>
  );
}

/** Ways to find something. */
function Finding() {
  const { store } = useSession();
  const at = store.pane.value?.kind;
  const waiting = store.waiting.value;
  const goTo = (kind: 'mentions' | 'unread' | 'outbox'): void => {
    store.drawer.value = 'none';
    store.pane.value = { kind };
  };
  const find = (): void => {
    store.drawer.value = 'none';
    store.switcher.value = '';
  };
  const link = (kind: string): string => (at === kind ? 'buffer-link active' : 'buffer-link');
  return (
    <div class="finding">
      <button type="button" class={link('search')} onClick={find}><SearchIcon /><span class="name">{t('Find…')}</span><kbd>Ctrl K</kbd></button>
      <button type="button" class={link('mentions')} onClick={() => goTo('mentions')}><MentionIcon /><span class="name">{t('Mentions')}</span></button>
      <button type="button" class={link('unread')} onClick={() => goTo('unread')}>
        <UnreadIcon /><span class="name">{t('Unread')}</span>
        {store.unread.value > 0 && <span class="badge">{store.unread.value > 99 ? '99+' : store.unread.value}</span>}
      </button>
      {waiting > 0 && (
        <button type="button" class={link('outbox')} onClick={() => goTo('outbox')}>
          <SendIcon /><span class="name">{t('Not sent yet')}</span><span class="badge">{waiting}</span>
        </button>
      )}
    </div>
  );
}

export function Sidebar() {
  const { store } = useSession();
  const nav = useRef<HTMLElement>(null);
  void store.list.value; // drawn again whenever the list changes
  const networks = [...store.world.networks.values()];
  return (
    <nav class="sidebar" ref={nav} aria-label={t('Networks and channels')}>
      <div class="brand"><Comet size={26} /><span>Halley</span></div>
      <Finding />
      <div class="networks">
        {networks.map((network) => <NetworkBlock key={network.name} network={network} onJoin={(joined) => openDialog({ kind: 'join', network: joined })} />)}
        {networks.length > 0 && <button type="button" class="quiet-button add-network" onClick={() => openDialog({ kind: 'network', name: '' })}>{t('Add a network…')}</button>}
      </div>
      <Footer />
    </nav>
  );
}
