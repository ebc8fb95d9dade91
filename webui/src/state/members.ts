// The members of a channel in groups, highest rank first, names in order within.

import type { Isupport } from './isupport';
import type { Member } from './world';
import { t, w, type Word } from '../words/words';

export interface Group {
  sign: string;
  title: string;
  members: Member[];
}

const TITLES: Record<string, Word> = { '~': w('Owners'), '&': w('Admins'), '@': w('Operators'), '%': w('Half-operators'), '+': w('Voices') };

function titleOf(sign: string): string {
  const title = TITLES[sign];
  return title === undefined ? t('Rank {0}', sign) : t(title);
}

export function groupMembers(members: Iterable<Member>, isupport: Isupport): Group[] {
  const groups = new Map<string, { member: Member; sortKey: string }[]>();
  for (const member of members) {
    const sign = member.signs.charAt(0);
    const item = { member, sortKey: member.nick.toLowerCase() };
    const group = groups.get(sign);
    if (group === undefined) groups.set(sign, [item]);
    else group.push(item);
  }
  const order = [...isupport.prefixSigns, ''];
  const signs = [...groups.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return signs.map((sign) => ({
    sign,
    title: sign === '' ? t('Members') : titleOf(sign),
    members: groups
      .get(sign)!
      .sort((a, b) => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0))
      .map((item) => item.member),
  }));
}
