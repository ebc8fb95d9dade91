// The language that the page speaks, where its service worker finds it. In the page and in the worker.

const NAME = 'language';

async function shelf(): Promise<Cache> {
  return caches.open(`halley ${new URL('./', location.href).pathname} ${NAME}`);
}

export async function keepLanguage(language: string): Promise<void> {
  await (await shelf()).put(NAME, new Response(language));
}

/** The browser's, until the page has said one. */
export async function keptLanguage(): Promise<string> {
  const kept = await shelf().then((found) => found.match(NAME)).catch(() => undefined); // there may be no room, or no leave
  return kept === undefined ? navigator.language : kept.text();
}
