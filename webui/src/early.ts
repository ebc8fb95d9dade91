// Sends the page's first questions while its script is still on the way: a script of its own, which comes sooner.

import { ask, FIRST, type Early } from './transport/early';

// A link with a code asks first who comes (app/ticket.ts); and the page may have been faster.
if (!/^#(reset|invite)=/.test(window.location.hash)) (window as Early).early ??= Object.fromEntries(FIRST.map((url) => [url, ask(url)]));
