// Which links of a text lead to images that the page can show. Pure.

import { stripFormat } from './format';
import { findLinks } from './links';

const MOST_IMAGES = 8; // of one text
const MAYBE = /\.(?:jpe?g|png|gif|webp|avif)/i;
const ENDING = new RegExp(`${MAYBE.source}$`, 'i');

export interface Image {
  href: string;
  /** The last part of its path, as it is asked for. */
  name: string;
  host: string;
}

/** By https from anywhere, else only what was uploaded to the Halley whose page is at `page`: as its policy has it (app/images.ts). */
function imageOf(href: string, page: string): Image | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  const { origin, protocol, pathname, host, username, password } = url;
  if (!ENDING.test(pathname) || username !== '' || password !== '') return null;
  if (origin === new URL(page).origin ? !url.href.startsWith(new URL('upload/', page).href) : protocol !== 'https:') return null;
  return { href: url.href, name: pathname.slice(pathname.lastIndexOf('/') + 1), host };
}

export function imagesIn(text: string, page: string): Image[] {
  if (!MAYBE.test(text)) return [];
  const found = new Map<string, Image>();
  for (const { type, href } of findLinks(stripFormat(text))) {
    const image = type === 'link' ? imageOf(href, page) : null;
    if (image !== null && found.size < MOST_IMAGES) found.set(image.href, image);
  }
  return [...found.values()];
}
