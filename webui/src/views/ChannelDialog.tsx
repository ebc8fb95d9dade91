// A channel's topic, modes and lists of masks, to look at and, with the rank for it, to change.

import { useEffect, useRef, useState } from 'preact/hooks';
import { knownFlags, LISTS, listModes, masksOf, modeLines, modesOf, refusalOf, type ChannelModes } from '../state/channel_modes';
import { toMask } from '../state/masks';
import { rightsIn } from '../state/people';
import type { Buffer, Gathered, Network } from '../state/world';
import { showNick } from '../text/display';
import { byteLength } from '../text/split';
import { useSession } from './context';
import { closeDialog } from './open_dialog';
import { t, w, type Word } from '../words/words';

interface Props {
  buffer: Buffer;
  network: Network;
}

function TopicForm({ buffer, network }: Props) {
  const session = useSession();
  const [text, setText] = useState(buffer.topic);
  const most = network.isupport.limits.topic;
  const left = most - byteLength(text);
  const save = (event: Event): void => {
    event.preventDefault();
    session.command(buffer.network, `TOPIC ${buffer.name} :${text.replace(/[\r\n]+/g, ' ')}`);
  };
  return (
    <form onSubmit={save}>
      <label class="field">
        <span>{t('Topic')} {most > 0 && left < 100 && <em>{left < 0 ? t('{0} bytes too many', -left) : t('{0} bytes left', left)}</em>}</span>
        <textarea rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button small" disabled={text === buffer.topic || (most > 0 && left < 0)}>{t('Set topic')}</button>
    </form>
  );
}

/** Asks once, and again when told to. */
function useAnswer(network: string, line: string): { answer: Gathered | null; again(): void } {
  const session = useSession();
  const [answer, setAnswer] = useState<Gathered | null>(null);
  void session.store.answers.value;
  const again = (): void => setAnswer(session.gather(network, line));
  useEffect(again, [network, line]);
  return { answer, again };
}

function ModesForm({ buffer, network, modes, changed }: Props & { modes: ChannelModes; changed(): void }) {
  const session = useSession();
  const [next, setNext] = useState(modes);
  const lines = modeLines(buffer.name, modes, next, network.isupport.limits.modes);
  const save = (event: Event): void => {
    event.preventDefault();
    for (const line of lines) session.command(buffer.network, line);
    changed();
  };
  const flip = (mode: string, on: boolean): void => {
    const flags = new Set(next.flags);
    if (on) flags.add(mode);
    else flags.delete(mode);
    setNext({ ...next, flags });
  };
  return (
    <form onSubmit={save}>
      <fieldset class="modes" disabled={!rightsIn(network, buffer).moderate}>
        <legend class="sr-only">{t('Modes')}</legend>
        {knownFlags(network.isupport).map(([mode, words]) => (
          <label key={mode} class="check">
            <input type="checkbox" checked={next.flags.has(mode)} onChange={(event) => flip(mode, event.currentTarget.checked)} />
            <span>{t(words)}</span> <code>+{mode}</code>
          </label>
        ))}
        <div class="field-row">
          <label class="field"><span>{t('Key to join')}</span><input value={next.key} autocomplete="off" maxLength={50} onInput={(event) => setNext({ ...next, key: event.currentTarget.value.replace(/[\s,]/g, '') })} /></label>
          <label class="field"><span>{t('Most members')}</span><input value={next.limit} inputMode="numeric" maxLength={6} onInput={(event) => setNext({ ...next, limit: event.currentTarget.value.replace(/\D/g, '') })} /></label>
        </div>
        <button type="submit" class="button small" disabled={lines.length === 0}>{t('Set modes')}</button>
      </fieldset>
    </form>
  );
}

function Modes({ buffer, network }: Props) {
  const { answer, again } = useAnswer(buffer.network, `MODE ${buffer.name}`);
  const modes = answer === null ? null : modesOf(answer, network.isupport);
  if (modes === null) return <p class="muted" role="status">{answer?.done === true ? t('The network does not tell its modes. {0}', refusalOf(answer)) : t('Asking for the modes…')}</p>;
  // After a change the network is asked again: what it made of it counts.
  return <ModesForm key={JSON.stringify([...modes.flags, modes.key, modes.limit])} buffer={buffer} network={network} modes={modes} changed={again} />;
}

function Masks({ buffer, network, mode }: Props & { mode: string }) {
  const session = useSession();
  const { answer, again } = useAnswer(buffer.network, `MODE ${buffer.name} ${mode}`);
  const field = useRef<HTMLInputElement>(null);
  const masks = answer === null ? [] : masksOf(answer, mode);
  const refusal = answer === null ? '' : refusalOf(answer);
  const may = rightsIn(network, buffer).moderate;
  const change = (sign: string, mask: string): void => {
    session.command(buffer.network, `MODE ${buffer.name} ${sign}${mode} ${mask}`);
    again();
  };
  const add = (event: Event): void => {
    event.preventDefault();
    const mask = field.current?.value.trim() ?? '';
    if (mask === '' || /\s/.test(mask)) return;
    change('+', toMask(mask));
    if (field.current !== null) field.current.value = '';
  };
  return (
    <>
      {may && (
        <form class="add-mask" onSubmit={add}>
          <input ref={field} aria-label={t('Add to {0}', t(LISTS[mode]!))} placeholder={t('Nick, or nick!user@host')} autocapitalize="none" autocomplete="off" spellcheck={false} />
          <button type="submit" class="button small">{t('Add')}</button>
        </form>
      )}
      <ul class="masks" aria-label={t(LISTS[mode]!)}>
        {masks.map(({ mask, by }) => (
          <li key={mask}>
            <code>{showNick(mask)}</code> {by !== '' && <span class="muted">{t('by {0}', showNick(by))}</span>}
            {may && <button type="button" class="link-button" aria-label={t('Remove {0}', mask)} onClick={() => change('-', mask)}>{t('Remove')}</button>}
          </li>
        ))}
      </ul>
      {refusal !== '' && <p class="form-error" role="alert">{refusal}</p>}
      {answer?.done === true && refusal === '' && masks.length === 0 && <p class="muted" role="status">{t('Nobody.')}</p>}
    </>
  );
}

function Invite({ buffer }: Props) {
  const session = useSession();
  const field = useRef<HTMLInputElement>(null);
  const invite = (event: Event): void => {
    event.preventDefault();
    const nick = field.current?.value.trim() ?? '';
    if (nick === '' || /\s/.test(nick)) return;
    session.command(buffer.network, `INVITE ${nick} ${buffer.name}`);
    session.toast(t('{0} is invited.', nick), 'calm');
    if (field.current !== null) field.current.value = '';
  };
  return (
    <form class="add-mask" onSubmit={invite}>
      <input ref={field} aria-label={t('Nick to invite')} placeholder={t('Nick')} autocapitalize="none" autocomplete="off" spellcheck={false} />
      <button type="submit" class="button small">{t('Invite')}</button>
    </form>
  );
}

const TABS = { topic: w('Topic'), modes: w('Modes'), invite: w('Invite') };

export function ChannelDialog({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  void session.store.memberSignal(buffer).value;
  const root = useRef<HTMLDialogElement>(null);
  const [tab, setTab] = useState('topic');
  useEffect(() => root.current?.showModal(), []);
  const network = session.store.world.networks.get(buffer.network);
  if (network === undefined) return null;
  const tabs: [string, Word][] = [...Object.entries(TABS), ...listModes(network.isupport).map((mode): [string, Word] => [mode, LISTS[mode]!])];
  const props = { buffer, network };
  return (
    <dialog ref={root} class="dialog wide" onClose={closeDialog} aria-labelledby="channel-title">
      <h2 id="channel-title">{showNick(buffer.name)}</h2>
      <div class="tabs" role="group" aria-label={t('Parts')}>
        {tabs.map(([key, title]) => <button key={key} type="button" class="tab" aria-pressed={tab === key} onClick={() => setTab(key)}>{t(title)}</button>)}
      </div>
      <div class="tab-body">
        {tab === 'topic' && <TopicForm {...props} />}
        {tab === 'modes' && <Modes {...props} />}
        {tab === 'invite' && <Invite {...props} />}
        {LISTS[tab] !== undefined && <Masks key={tab} {...props} mode={tab} />}
      </div>
      <div class="dialog-buttons"><button type="button" class="button" onClick={() => root.current?.close()}>{t('Close')}</button></div>
    </dialog>
  );
}
