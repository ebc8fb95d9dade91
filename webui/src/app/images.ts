// Whether images that links lead to may be shown here: off unless this browser's reader wants it. Browser only.
//
// The page's policy (gateway/http/response.cpp) allows images by https from anywhere; while they are not wanted the page
// narrows it to Halley's own for as long as it stands, so that the browser itself fetches nothing from elsewhere.

import { effect } from '@preact/signals';
import type { Memory } from './memory';
import type { Store } from './store';

const OURS = "img-src 'self' data:";

export function bindImages({ images }: Store, memory: Memory): void {
  let narrow = false;
  images.value = memory.get('images') === 'on';
  effect(() => {
    const wanted = images.value;
    const kept = memory.set('images', wanted ? 'on' : '');
    // A policy can be narrowed and never widened: only a page that begins anew has the other one, if it finds what was set.
    if (wanted && narrow && kept) window.location.reload();
    else if (wanted && narrow) images.value = false;
    if (wanted || narrow) return;
    narrow = true;
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = OURS;
    document.head.append(meta);
  });
}
