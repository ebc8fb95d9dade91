// What a server's JSON holds, whatever it is. Pure.

export type Raw = Record<string, unknown>;

export function text(raw: Raw, name: string): string {
  const value = raw[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function record(json: unknown): Raw {
  return typeof json === 'object' && json !== null ? (json as Raw) : {};
}

export function rows(json: unknown): Raw[] {
  return Array.isArray(json) ? json.filter((row): row is Raw => typeof row === 'object' && row !== null) : [];
}
