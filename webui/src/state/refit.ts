// The network said what it is (005) after we heard names from it, or says it anew: what was taken apart by other
// rules is put right. Exact for names of members: the signs that were not known as such still stand before the nick.

import { refitSettings } from './handle_settings';
import { orderSigns } from './isupport';
import { foldName, isChannel, rename, type Buffer, type Changes, type Member, type Network } from './world';

function refitMember(member: Member, network: Network): Member {
  const { isupport } = network;
  let at = 0;
  while (at < member.nick.length && isupport.prefixSigns.includes(member.nick.charAt(at))) at += 1;
  const signs = orderSigns(member.signs + member.nick.slice(0, at), isupport);
  return { ...member, nick: member.nick.slice(at), signs };
}

function refitMembers(members: Map<string, Member>, network: Network): Map<string, Member> {
  const fitting = new Map<string, Member>();
  for (const member of members.values()) {
    const fit = refitMember(member, network);
    fitting.set(foldName(network, fit.nick), fit);
  }
  return fitting;
}

function refitBuffer(buffer: Buffer, network: Network, changes: Changes): void {
  buffer.kind = isChannel(network, buffer.name) ? 'channel' : 'query';
  if (buffer.names !== null) buffer.names = refitMembers(buffer.names, network);
  if (buffer.members.size === 0) return;
  buffer.members = refitMembers(buffer.members, network);
  buffer.membersVersion += 1;
  changes.members.add(buffer);
}

export function refit(network: Network, changes: Changes): void {
  for (const buffer of [...network.buffers.values()]) {
    refitBuffer(buffer, network, changes);
    rename(network, buffer, buffer.name, changes);
  }
  refitSettings(network);
  changes.list = true;
}
