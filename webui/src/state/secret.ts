// Words that must not stay on the page: what is said to Halley itself (passwords, tokens), and to the services that
// take passwords. Pure.

const SERVICE = /^(nickserv|ns|chanserv|cs|authserv|userserv|q|q@cserve\.quakenet\.org|x|x@channels\.undernet\.org)$/i;
const PASSWORD_WORD = /^(identify|id|register|ghost|recover|release|regain|auth|login|set|newpass|passwd|password|pass|setpass|group|drop)\b/i;
const RAW = /^\/(raw|quote)\s+(pass|oper|authenticate|(?:privmsg|notice)\s+\*|(?:ns|nickserv|cs|chanserv)\s)/i;
const TO = /^\/(?:msg|m|query|q|notice)\s+(\S+)\s*([\s\S]*)$/i;

/** Halley's own talk: names that begin with a star are no nicks. */
export function isOwnService(target: string): boolean {
  return target.startsWith('*');
}

export function isSecretTo(target: string, text: string): boolean {
  return isOwnService(target) || (SERVICE.test(target) && PASSWORD_WORD.test(text.trimStart()));
}

/** What was typed on the page of `target`, as it stands in the field. */
export function isSecretInput(target: string, text: string): boolean {
  const input = text.trimStart();
  if (/^\/(oper|identify|nickserv|ns|chanserv|cs)\b/i.test(input) || RAW.test(input)) return true;
  const to = TO.exec(input);
  if (to !== null) return isSecretTo(to[1] ?? '', to[2] ?? '');
  return isSecretTo(target, input);
}

/** The command without what it was told: "passwd …". */
export function withoutSecret(text: string): string {
  const [, first = '', rest = ''] = /^\s*(\S*)([\s\S]*)$/.exec(text) ?? [];
  return rest.trim() === '' ? first : `${first} …`;
}
