// That something waits to be read, on the tab's icon and, where the page is installed, on its own.

const ICON = (dot: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="15" fill="#16204a"/><path fill="#7f9cff" d="M15.6 37.4C24 26 38 15.5 56 9 50.5 26.5 39 40 27.1 48.9Z"/><circle cx="21" cy="43" r="8" fill="#fff"/><circle cx="49" cy="15" r="14" fill="${dot}"/></svg>`;

interface Badges {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

let plain: string | null = null;
let shown = 'false 0';

/** `calls`: of it so many lines are for the user. */
export function showBadge(unread: number, calls: number): void {
  const next = `${unread > 0} ${calls}`;
  if (next === shown) return;
  shown = next;
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (link !== null) {
    plain ??= link.getAttribute('href') ?? '';
    link.href = unread === 0 ? plain : `data:image/svg+xml,${encodeURIComponent(ICON(calls > 0 ? '#ff4d5e' : '#ffb02e'))}`;
  }
  const badges = navigator as Badges;
  const told = calls > 0 ? badges.setAppBadge?.(calls) : badges.clearAppBadge?.();
  told?.catch(() => undefined); // an icon without a badge is no loss
}
