import { useComputed } from '@preact/signals';
import type { Session } from '../app/session';
import type { Pane } from '../app/store';
import type { Buffer } from '../state/world';
import { BufferView } from './BufferView';
import { SessionContext, useSession } from './context';
import { Comet, MenuIcon } from './icons';
import { Dialogs } from './Dialogs';
import { Later } from './later';
import { Login } from './Login';
import { MembersPanel } from './Members';
import { PaneView } from './Pane';
import { Sidebar } from './Sidebar';
import { Toasts } from './Toasts';
import { t } from '../words/words';

function Starting() {
  return (
    <main class="stage" aria-busy="true">
      <div class="stage-mark waking"><Comet size={56} /></div>
      <p class="sr-only">{t('Loading')}</p>
    </main>
  );
}

function Unreachable() {
  const session = useSession();
  return (
    <main class="stage">
      <div class="stage-mark"><Comet size={56} /></div>
      <h1>{t('Halley is out of reach')}</h1>
      <p class="stage-text">{session.store.notice.value}</p>
      <button class="button primary" type="button" onClick={() => void session.begin()}>{t('Try again')}</button>
    </main>
  );
}

function FromLink() {
  const ticket = useSession().store.ticket.value;
  return ticket === null ? <Starting /> : <Later show={({ TicketForm }) => <TicketForm ticket={ticket} />} />;
}

function Main() {
  const { store } = useSession();
  const buffer = store.active.value;
  const wide = store.wide.value;
  const pane = store.pane.value;
  const withMembers = buffer !== null && buffer.kind === 'channel' && (pane === null || wide);
  const classes = useComputed(() => `app drawer-${store.drawer.value}${store.membersShown.value ? '' : ' members-hidden'}`);
  return (
    <div class={`${classes.value}${withMembers ? '' : ' no-members'}`}>
      <Sidebar />
      <Middle buffer={buffer} pane={wide ? null : pane} />
      {wide && buffer !== null && <PaneView pane={pane ?? { kind: 'unread' }} />}
      {withMembers && <MembersPanel key={`members ${buffer.key}`} buffer={buffer} />}
      <div class="scrim" onClick={() => { store.drawer.value = 'none'; }} />
      {store.switcher.value !== null && <Later show={({ Switcher }) => <Switcher first={store.switcher.value ?? ''} />} />}
    </div>
  );
}

function Middle({ buffer, pane }: { buffer: Buffer | null; pane: Pane | null }) {
  if (buffer === null) return <NoNetworks />;
  return pane === null ? <BufferView key={buffer.key} buffer={buffer} /> : <PaneView pane={pane} />;
}

function NoNetworks() {
  const { store } = useSession();
  void store.list.value;
  return (
    <main class="view empty-view">
      <button type="button" class="icon-button menu-button" aria-label={t('Channels')} onClick={() => { store.drawer.value = 'buffers'; }}><MenuIcon /></button>
      <div class="empty first-network">
        <Comet size={48} />
        <h1>{t('Where to?')}</h1>
        <p>{t('Halley is ready. Choose the first network: it stays there for you, and its first channel opens here.')}</p>
        <Later show={({ FirstNetwork }) => <FirstNetwork />} />
      </div>
    </main>
  );
}

function CurrentScreen() {
  switch (useSession().store.screen.value) {
    case 'starting':
      return <Starting />;
    case 'login':
      return <Login />;
    case 'ticket':
      return <FromLink />;
    case 'unreachable':
      return <Unreachable />;
    case 'main':
      return <Main />;
  }
}

export function App({ session }: { session: Session }) {
  return (
    <SessionContext.Provider value={session}>
      <CurrentScreen />
      <Dialogs />
      <Toasts />
    </SessionContext.Provider>
  );
}
