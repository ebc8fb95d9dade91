// Times as a reader wants them, in the reader's own locale and zone. Who travels changes zones with the page open: the
// formats are made anew when the zone is another (zoneAt).

import { t } from '../words/words';

interface Formats {
  clock: Intl.DateTimeFormat;
  full: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
  dayWithYear: Intl.DateTimeFormat;
}

/** Undefined: the browser's. */
let locale: string | undefined;

function makeFormats(): Formats {
  return {
    clock: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' }),
    day: new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }),
    dayWithYear: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' }),
  };
}

let formats = makeFormats();
let zone = formats.clock.resolvedOptions().timeZone;
let lookedAt = 0;

export function setLocale(to: string): void {
  locale = to;
  formats = makeFormats();
}

/** The reader's zone; looked up once for each `now`, as asking costs as much as drawing a row. */
export function zoneAt(now: number): string {
  if (now === lookedAt) return zone;
  lookedAt = now;
  const current = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (current !== zone) {
    zone = current;
    formats = makeFormats();
  }
  return zone;
}

export function clockTime(time: number): string {
  return time > 0 ? formats.clock.format(time) : '';
}

export function fullTime(time: number): string {
  return time > 0 ? formats.full.format(time) : '';
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

export function dayName(time: number, now: number): string {
  const apart = Math.round((startOfDay(now) - startOfDay(time)) / 86_400_000);
  if (apart === 0) return t('Today');
  if (apart === 1) return t('Yesterday');
  return apart > 0 && apart < 180 ? formats.day.format(time) : formats.dayWithYear.format(time);
}
