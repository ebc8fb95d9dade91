// What calls its user besides their nick, and what they do not want to hear (halley-web(7), "rules"). Halley applies them. Pure.

export interface Rule {
  id: string;
  /** highlight or ignore. */
  kind: string;
  /** word, regex or mask. */
  match: string;
  pattern: string;
}

export function toRules(raw: unknown): Rule[] {
  const rows = Array.isArray(raw) ? (raw as Record<string, unknown>[]) : [];
  return rows.map((row) => ({ id: String(row['id']), kind: String(row['kind']), match: String(row['match']), pattern: String(row['pattern']) }));
}

/** The one kind that the page applies, too: to what was said before. */
export function isIgnoreMask({ kind, match }: Rule): boolean {
  return kind === 'ignore' && match === 'mask';
}
