// Who somebody is and what can be done about them, where their name was clicked.

import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../app/session';
import { toMask } from '../state/masks';
import { factsOf, hasMode, rightsIn, SHARED_SHOWN, sharedChannels, sharedWith, type Facts } from '../state/people';
import { foldName, isOwn, type Buffer, type Gathered, type Network } from '../state/world';
import { showNick, withoutTowers } from '../text/display';
import { nickInk } from '../text/ink';
import { stripFormat } from '../text/format';
import { ask } from './ask';
import { useSession } from './context';
import { useInSight, useOutside } from './Menu';
import { card, closeCard, type Card } from './open_card';
import { n, t } from '../words/words';

interface Deed {
  label: string;
  run(): void;
}

/** What our rank lets us do to a member of the channel that is open. */
function deeds(session: Session, network: Network, buffer: Buffer, nick: string, facts: Facts): Deed[] {
  if (buffer.kind !== 'channel' || !buffer.members.has(foldName(network, nick))) return [];
  const { op, moderate } = rightsIn(network, buffer);
  const mode = (letter: string, give: string, take: string): Deed => {
    const has = hasMode(network, buffer, nick, letter);
    return { label: has ? take : give, run: () => session.command(network.name, `MODE ${buffer.name} ${has ? '-' : '+'}${letter} ${nick}`) };
  };
  const ban = async (): Promise<void> => {
    const mask = facts.host === '' ? toMask(nick) : `*!*@${facts.host.slice(facts.host.lastIndexOf('@') + 1)}`;
    const text = t('{0} is removed from {1}, and {2} may not join again.', showNick(nick), showNick(buffer.name), mask);
    if (!(await ask({ title: t('Ban {0}?', showNick(nick)), text, yes: t('Ban'), no: t('Cancel') }))) return;
    session.command(network.name, `MODE ${buffer.name} +b ${mask}`);
    session.command(network.name, `KICK ${buffer.name} ${nick}`);
  };
  return [
    ...(op ? [mode('o', t('Make operator'), t('Unmake operator'))] : []),
    ...(moderate ? [mode('v', t('Give voice'), t('Take voice'))] : []),
    ...(moderate && !isOwn(network, nick)
      ? [{ label: t('Kick…'), run: () => { session.store.insert.value = `/kick ${nick} `; } }, { label: t('Ban…'), run: () => void ban() }]
      : []),
  ];
}

function commonDeeds(session: Session, network: Network, nick: string): Deed[] {
  if (isOwn(network, nick)) return [];
  const active = session.store.active.value ?? network.server;
  const mask = toMask(nick);
  const ignored = network.ignores.some(({ text }) => foldName(network, text) === foldName(network, mask));
  return [
    { label: t('Talk in private'), run: () => session.openNamed(network, nick) },
    { label: ignored ? t('Stop ignoring') : t('Ignore'), run: () => session.outbox?.ignore(active.network === network.name ? active : network.server, mask, !ignored) },
  ];
}

function FactList({ facts, answer }: { facts: Facts; answer: Gathered | null }) {
  if (facts.gone) return <p class="card-note" role="status">{t('Not on the network now.')}</p>;
  if (facts.rows.length === 0) return answer?.done === true ? null : <p class="card-note" role="status">{t('Asking…')}</p>;
  return <dl class="facts">{facts.rows.map(({ name, words }) => <div key={name}><dt>{name}</dt><dd>{withoutTowers(stripFormat(words))}</dd></div>)}</dl>;
}

function Shared({ network, nick }: { network: Network; nick: string }) {
  const session = useSession();
  const shared = sharedChannels(network, nick);
  if (shared.length === 0) return null;
  return (
    <p class="card-note">
      {t('Both in')}{' '}
      {shared.slice(0, SHARED_SHOWN).map((buffer) => <button key={buffer.key} type="button" class="link-button" onClick={() => { card.value = null; session.open(buffer); }}>{showNick(buffer.name)}</button>)}
      {shared.length > SHARED_SHOWN && ` ${n(shared.length - SHARED_SHOWN, 'and 1 more', 'and {0} more')}`}
    </p>
  );
}

export function NickCard({ open }: { open: Card }) {
  const session = useSession();
  const { store } = session;
  const root = useInSight(open.x, open.y);
  const [answer, setAnswer] = useState<Gathered | null>(null);
  void store.answers.value;
  useOutside(root, () => { card.value = null; });
  useEffect(() => {
    root.current?.querySelector<HTMLElement>('.deed')?.focus();
    setAnswer(session.gather(open.network, `WHOIS ${open.nick} ${open.nick}`));
  }, []);
  const network = store.world.networks.get(open.network);
  if (network === undefined) return null;
  const facts = factsOf(answer ?? { rows: [], done: false }, sharedWith(network, open.nick));
  const active = store.active.value;
  const all = [...commonDeeds(session, network, open.nick), ...(active === null ? [] : deeds(session, network, active, open.nick, facts))];
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    closeCard();
  };
  return (
    <div class="nick-card" ref={root} role="dialog" aria-label={showNick(open.nick)} onKeyDown={key} tabIndex={-1}>
      <p class="nick-name ink" style={active?.network === open.network ? session.inks.of(active).peek(open.nick) : nickInk(open.nick)}>{showNick(open.nick)}</p>
      <FactList facts={facts} answer={answer} />
      <Shared network={network} nick={open.nick} />
      {all.map(({ label, run }) => <button key={label} type="button" class="deed" onClick={() => { card.value = null; run(); }}>{label}</button>)}
    </div>
  );
}
