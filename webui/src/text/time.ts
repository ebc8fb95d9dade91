// Times as a reader wants them, in the reader's own locale and zone.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayWithYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });

export function clockTime(time: number): string {
  return time > 0 ? clock.format(time) : '';
}

export function fullTime(time: number): string {
  return time > 0 ? full.format(time) : '';
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

export function dayName(time: number, now: number): string {
  const apart = Math.round((startOfDay(now) - startOfDay(time)) / 86_400_000);
  if (apart === 0) return 'Today';
  if (apart === 1) return 'Yesterday';
  return apart > 0 && apart < 180 ? day.format(time) : dayWithYear.format(time);
}
