// Lines out of their context: where, when and who, and a click leads to the place where they stand.

import { jumpTo } from '../app/places';
import type { Hit } from '../app/search';
import type { Session } from '../app/session';
import { dayOf } from '../state/rows';
import { markParts } from '../state/search_query';
import { findBuffer } from '../state/world';
import { showNick, withoutTowers } from '../text/display';
import { stripFormat } from '../text/format';
import { nickInk, type Css } from '../text/ink';
import { clockTime, dayName } from '../text/time';
import { useSession } from './context';

function Marked({ text, words }: { text: string; words: string[] }) {
  const parts = markParts(withoutTowers(stripFormat(text)), words);
  return <>{parts.map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}</>;
}

/** As they look in that talk. */
function inkThere({ store, inks }: Session, { network: on, place, entry: { nick } }: Hit): Css {
  const network = store.world.networks.get(on);
  const buffer = network === undefined ? null : findBuffer(network, place);
  return buffer === null ? nickInk(nick) : inks.of(buffer).peek(nick);
}

export function HitRow({ hit, words }: { hit: Hit; words: string[] }) {
  const session = useSession();
  const { entry, network, place } = hit;
  return (
    <li>
      <button type="button" class="hit" onClick={() => jumpTo(session, { network, name: place, id: hit.id })}>
        <span class="hit-head">
          <span class="hit-place">{showNick(place === '' ? network : place)}</span>
          {place !== '' && <span class="muted">{network}</span>}
          <time class="muted">{clockTime(entry.time)}</time>
        </span>
        <span class="hit-text" dir="auto">
          <bdi class="hit-nick ink" style={inkThere(session, hit)}>{showNick(entry.nick)}</bdi> <Marked text={entry.text} words={words} />
        </span>
      </button>
    </li>
  );
}

/** Newest first, under the names of their days. */
export function HitList({ hits, words }: { hits: Hit[]; words: string[] }) {
  const now = useSession().store.now.value;
  const days: { day: string; time: number; hits: Hit[] }[] = [];
  for (const hit of hits) {
    const day = dayOf(hit.entry.time);
    const last = days[days.length - 1];
    if (last?.day === day) last.hits.push(hit);
    else days.push({ day, time: hit.entry.time, hits: [hit] });
  }
  return (
    <>
      {days.map((each) => (
        <section key={each.day} aria-label={dayName(each.time, now)}>
          <h2 class="hit-day">{dayName(each.time, now)}</h2>
          <ul>{each.hits.map((hit) => <HitRow key={`${hit.network} ${hit.id}`} hit={hit} words={words} />)}</ul>
        </section>
      ))}
    </>
  );
}
