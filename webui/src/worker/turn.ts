// Who shows notices, or looks at which are shown, does so alone, in whichever tab or worker: each counts what the one before has shown,
// and Chromium forgets a notice about which it is asked while it shows it. In the page and in the worker.

export function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
  if (navigator.locks === undefined) return run();
  return navigator.locks.request(`halley ${new URL('./', location.href).pathname} notices`, run) as Promise<Result>;
}
