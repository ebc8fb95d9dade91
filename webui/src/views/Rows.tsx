// One row of the message list, by kind. A row is drawn once and again only when its entry changes.

import { Component } from 'preact';
import { useState } from 'preact/hooks';
import { audienceName } from '../state/audience';
import type { Entry } from '../state/entry';
import { describe, summarise, type Row } from '../state/rows';
import type { Buffer, Pending } from '../state/world';
import { stripFormat } from '../text/format';
import { mixesAlphabets, showNick, withoutTowers } from '../text/display';
import { clockTime, dayName, fullTime } from '../text/time';
import { useSession } from './context';
import { inkIn } from './nick_style';
import { Pictures } from './Pictures';
import { RichText } from './RichText';
import { t, w } from '../words/words';

const MOST_LISTED = 300;

function Time({ time }: { time: number }) {
  if (time === 0) return <span class="time" />;
  // The full date comes when the pointer does (showFullTime): formatting it for each row costs more than the row.
  return <time class="time" data-time={time}>{clockTime(time)}</time>;
}

export function showFullTime(event: MouseEvent): void {
  const target = event.target;
  if (target instanceof HTMLElement && target.tagName === 'TIME') target.title = fullTime(Number(target.dataset['time']));
}

function Nick({ nick, buffer }: { nick: string; buffer: Buffer }) {
  const session = useSession();
  const title = mixesAlphabets(nick) ? t('Letters of several alphabets: look twice who this is') : undefined;
  return (
    <button type="button" class={title === undefined ? 'nick ink' : 'nick ink mixed'} style={inkIn(session, buffer, nick)} data-nick={nick} title={title}>
      <bdi>{showNick(nick)}</bdi>
    </button>
  );
}

function For({ audience }: { audience: string }) {
  return audience === '' ? null : <><span class="tag">{audienceName(audience)}</span> </>;
}

/** The line that this one answers, in short. */
function Answered({ entry, buffer }: { entry: Entry; buffer: Buffer }) {
  const session = useSession();
  const to = buffer.log.named(entry.reply);
  if (to === null || to.id === null) return <p class="answered">{t('answers an earlier line')}</p>;
  return (
    <button type="button" class="answered" data-answered={to.id}>
      <bdi class="ink" style={inkIn(session, buffer, to.nick)}>{showNick(to.nick)}</bdi> {withoutTowers(stripFormat(to.text)).slice(0, 200)}
    </button>
  );
}

function Reactions({ entry, buffer }: { entry: Entry; buffer: Buffer }) {
  const kinds = [...(buffer.extras.reactions.get(entry.msgid) ?? [])];
  if (kinds.length === 0) return null;
  return (
    <p class="reactions">
      {kinds.map(([what, nicks]) => {
        const who = [...nicks].slice(0, 20).map(showNick).join(', ');
        return <button key={what} type="button" class="reaction" data-react={what} title={who} aria-label={`${showNick(what)} ${nicks.size}: ${who}`}>{showNick(what)} {nicks.size}</button>;
      })}
    </p>
  );
}

/** In the place of a line that was taken back. */
function TakenBack({ by, why }: { by: string; why: string }) {
  return <p class="text muted">{t('taken back by')} <bdi>{showNick(by)}</bdi>{why !== '' && <>: <bdi>{withoutTowers(stripFormat(why))}</bdi></>}</p>;
}

function Words({ entry, buffer }: { entry: Entry; buffer: Buffer }) {
  const body = <RichText text={entry.text} />;
  const whom = <For audience={entry.audience} />;
  switch (entry.kind) {
    case 'action':
      return <p class="text"><Nick nick={entry.nick} buffer={buffer} /> {whom}<bdi class="said">{body}</bdi></p>;
    case 'notice':
      return <p class="text"><Nick nick={entry.nick === '' ? t('server') : entry.nick} buffer={buffer} /> <span class="tag">{t('notice')}</span> {whom}<bdi class="said">{body}</bdi></p>;
    default:
      return <p class="text" dir="auto">{whom}<span class="said">{body}</span></p>;
  }
}

function Talk({ entry, follows, buffer }: { entry: Entry; follows: boolean; buffer: Buffer }) {
  const classes = `row talk ${entry.kind}${follows ? ' follows' : ''}${entry.highlight ? ' highlight' : ''}${entry.own ? ' own' : ''}${entry.refused === '' ? '' : ' refused'}`;
  const redacted = buffer.extras.redacted.get(entry.msgid);
  return (
    <div class={classes} data-key={entry.key} role="article">
      <Time time={entry.time} />
      <div class="body">
        {entry.kind === 'message' && !follows && <div class="speaker"><Nick nick={entry.nick} buffer={buffer} /></div>}
        {entry.reply !== '' && <Answered entry={entry} buffer={buffer} />}
        {redacted === undefined ? <><Words entry={entry} buffer={buffer} /><Pictures text={entry.text} /></> : <TakenBack by={redacted.by} why={redacted.why} />}
        {entry.refused !== '' && <p class="failure">{t('Not sent: {0}', entry.refused)}</p>}
        {entry.msgid !== '' && <Reactions entry={entry} buffer={buffer} />}
      </div>
    </div>
  );
}

/** Joins and quits, gathered; their list is made only for who opens it. */
function Quiet({ entries, rowKey }: { entries: Entry[]; rowKey: string }) {
  const [open, setOpen] = useState(false);
  const first = entries[0]!;
  if (entries.length === 1) {
    return (
      <div class="row quiet" data-key={rowKey}>
        <Time time={first.time} />
        <div class="body">{describe(first)}</div>
      </div>
    );
  }
  const shown = open ? entries.slice(-MOST_LISTED) : [];
  return (
    <div class="row quiet" data-key={rowKey}>
      <Time time={first.time} />
      <details class="body" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{summarise(entries)}</summary>
        {open && shown.length < entries.length && <p>{t('The last {0} of {1}:', shown.length, entries.length)}</p>}
        <ul>{shown.map((entry) => <li key={entry.key}><Time time={entry.time} /> <span>{describe(entry)}</span></li>)}</ul>
      </details>
    </div>
  );
}

function Note({ entry }: { entry: Entry }) {
  return (
    <div class={`row note ${entry.kind}`} data-key={entry.key} role={entry.kind === 'error' ? 'alert' : undefined}>
      <Time time={entry.time} />
      <div class="body"><RichText text={describe(entry)} /></div>
    </div>
  );
}

function sameRow(a: Row, b: Row): boolean {
  if (a.type !== b.type || a.key !== b.key) return false;
  if (a.type === 'talk' && b.type === 'talk') return a.entry === b.entry && a.follows === b.follows;
  if (a.type === 'quiet' && b.type === 'quiet') return a.entries.length === b.entries.length && a.entries[a.entries.length - 1] === b.entries[b.entries.length - 1];
  return true;
}

/** `today` is part of the props so that day names change at midnight, and times with the reader's zone. */
export class RowView extends Component<{ row: Row; buffer: Buffer; today: string }> {
  override shouldComponentUpdate(next: { row: Row; today: string }): boolean {
    return this.props.today !== next.today || !sameRow(this.props.row, next.row);
  }

  render() {
    const { row } = this.props;
    switch (row.type) {
      case 'day':
        return <div class="row day" data-key={row.key} role="separator"><span>{dayName(row.time, Date.now())}</span></div>;
      case 'new':
        return <div class="row new" data-key="new" role="separator"><span>{t('New')}</span></div>;
      case 'talk':
        return <Talk entry={row.entry} follows={row.follows} buffer={this.props.buffer} />;
      case 'quiet':
        return <Quiet entries={row.entries} rowKey={row.key} />;
      case 'note':
        return <Note entry={row.entry} />;
    }
  }
}

const PENDING_STATES = { queued: w('Waits for the network, and is sent once when it is back.'), sending: w('Sending…'), sent: w('Waiting for the network…'), failed: w('Not sent.') };

/** What a line that has not come back is waiting for. */
export function pendingState({ state }: Pending): string {
  return state === 'uncertain' ? '' : t(PENDING_STATES[state]);
}

export interface PendingActions {
  again(token: number): void;
  discard(token: number): void;
  /** Shows all that waits. */
  all(): void;
}

/** Something we said that has not come back yet. */
export function PendingRow({ item, buffer, nick, follows, actions }: { item: Pending; buffer: Buffer; nick: string; follows: boolean; actions: PendingActions }) {
  const bad = item.state === 'failed' || item.state === 'uncertain';
  return (
    <div class={`row talk pending ${item.kind} ${item.state}${follows ? ' follows' : ''}`} title={pendingState(item)} data-pending={item.token}>
      <Time time={item.time} />
      <div class="body">
        {item.kind === 'message' && !follows && <div class="speaker"><Nick nick={nick} buffer={buffer} /></div>}
        <p class="text" dir={item.kind === 'message' ? 'auto' : undefined}>
          {item.kind !== 'message' && <><Nick nick={nick} buffer={buffer} /> </>}
          <bdi><For audience={item.audience} /><RichText text={item.text} /></bdi>
        </p>
        {item.state === 'queued' && (
          <p class="failure waits">
            <span>{t(PENDING_STATES.queued)}</span>
            <button type="button" class="link-button" onClick={() => actions.discard(item.token)}>{t('Discard')}</button>
            <button type="button" class="link-button" onClick={actions.all}>{t('All that waits')}</button>
          </p>
        )}
        {bad && (
          <p class="failure" role="alert">
            <span>{pendingState(item)} {item.error}</span>
            <button type="button" class="link-button" onClick={() => actions.again(item.token)}>{t('Send again')}</button>
            <button type="button" class="link-button" onClick={() => actions.discard(item.token)}>{t('Discard')}</button>
          </p>
        )}
      </div>
    </div>
  );
}
