// The first questions of a page, sent before it runs (early.ts): whoever asks the same first gets the answer to those.

export const FIRST = ['api/me', 'api/events?transport=poll&wait=0'];

/** The window, where the answers wait. */
export type Early = Window & { early?: Record<string, Promise<Response>> };

export function ask(url: string): Promise<Response> {
  const answer = fetch(url, { credentials: 'same-origin', cache: 'no-store' });
  answer.catch(() => undefined); // whoever takes it hears of it
  return answer;
}

/**
 * For the page: takes the answer to a question that was sent early, once; null: it was not. From here on none is sent. What was
 * asked before somebody logs in is of no use to them.
 */
export function earlyAnswers(): (url: string, signal?: AbortSignal | null) => Promise<Response> | null {
  const waiting = ((window as Early).early ??= {});
  waiting[FIRST[0]!]?.then((me) => me.ok || FIRST.forEach((url) => delete waiting[url])).catch(() => undefined);
  return (url, signal) => {
    const answer = waiting[url];
    if (answer === undefined) return null;
    delete waiting[url];
    return Promise.race([answer, new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))]);
  };
}
