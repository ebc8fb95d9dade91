// What a link brings to somebody who has no login: a code for a new password, or an invitation (halley-web(7)). It stands
// behind #, so that no server and no log sees it, and leaves the address at once, so that no history keeps it.

import type { Api } from '../transport/api';

export interface Ticket {
  kind: 'reset' | 'invite';
  code: string;
}

export function parseTicket(hash: string): Ticket | null {
  const match = /^#(reset|invite)=([\w-]{1,256})$/.exec(hash);
  return match === null ? null : { kind: match[1] as Ticket['kind'], code: match[2]! };
}

/** The same for whoever is to be given it; `page`: the address of this page. */
export function ticketLink({ kind, code }: Ticket, page: string): string {
  return `${page.replace(/[?#].*$/s, '')}#${kind}=${code}`;
}

/** `username` is a new user's; the cookie of the answer is theirs. */
export function redeem(api: Api, { kind, code }: Ticket, username: string, password: string): Promise<void> {
  return kind === 'reset' ? api.enter('reset', { code, password }) : api.enter('register', { code, username, password });
}

/** Browser only: takes what the address brings, now and when another such link is opened in this tab. */
export function takeTicket(): Ticket | null {
  window.addEventListener('hashchange', ({ newURL }) => {
    const { hash } = new URL(newURL);
    if (parseTicket(hash) === null) return;
    window.history.replaceState(null, '', hash); // what is open may have taken the address meanwhile
    window.location.reload();
  });
  const ticket = parseTicket(window.location.hash);
  if (ticket !== null) window.history.replaceState(null, '', window.location.pathname);
  return ticket;
}
