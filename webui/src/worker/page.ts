// Which page is shown: the server's, unless it does not answer, or only a proxy that cannot reach it; and which of its files. Pure.

export interface Answers<Page extends { readonly status: number }> {
  fresh: Promise<Page>;
  /** What is kept of it here; undefined: nothing. */
  kept(): Promise<Page | undefined>;
  /** Over when nobody should be kept waiting. */
  late: Promise<unknown>;
}

export async function answered<Page extends { readonly status: number }>({ fresh, kept, late }: Answers<Page>): Promise<Page> {
  const came = fresh.catch(() => null);
  const first = await Promise.race([came, late.then(() => undefined)]);
  if (first != null && first.status < 500) return first;
  const old = await kept();
  if (old !== undefined) return old;
  return (await came) ?? fresh;
}

/** A file that never changes: the kept one; the server's where there is none, or what is kept cannot be read. */
export async function keptOr<File>(kept: () => Promise<File | undefined>, fresh: () => Promise<File>): Promise<File> {
  return (await kept().catch(() => undefined)) ?? fresh();
}
