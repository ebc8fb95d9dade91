// Icons, drawn on a grid of 20 with one stroke. Decorative: the button around them carries the label.

import type { ComponentChildren } from 'preact';

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const MenuIcon = () => <Icon><path d="M3.5 6h13M3.5 10h13M3.5 14h9" /></Icon>;
export const CloseIcon = () => <Icon><path d="M5.5 5.5l9 9M14.5 5.5l-9 9" /></Icon>;
export const PlusIcon = () => <Icon><path d="M10 4.5v11M4.5 10h11" /></Icon>;
export const DownIcon = () => <Icon><path d="M10 4v11.5M5.5 11l4.5 4.5 4.5-4.5" /></Icon>;
export const MoreIcon = () => <Icon><path d="M5.5 8l4.5 4.5L14.5 8" /></Icon>;
export const DotsIcon = () => <Icon><path d="M4.5 10h.01M10 10h.01M15.5 10h.01" stroke-width="2.6" /></Icon>;
export const PinIcon = () => <Icon><path d="M7 3.5h6M8 3.5v5l-2 3h8l-2-3v-5M10 11.5V17" /></Icon>;
export const MuteIcon = () => <Icon><path d="M3.5 8v4h3l4 3.5v-11L6.5 8zM13.5 8l4 4M17.5 8l-4 4" /></Icon>;
export const UpIcon = () => <Icon><path d="M10 16V4.5M5.5 9l4.5-4.5L14.5 9" /></Icon>;
export const SearchIcon = () => <Icon><circle cx="8.8" cy="8.8" r="5.3" /><path d="M12.8 12.8l4 4" /></Icon>;
export const MentionIcon = () => <Icon><circle cx="10" cy="10" r="3" /><path d="M13 7v4.2c0 3 3.8 2.4 3.8-1.2a6.8 6.8 0 1 0-3 5.6" /></Icon>;
export const UnreadIcon = () => <Icon><path d="M3 11.5l2.4-7h9.2l2.4 7v4.3H3zM3 11.5h4l1 2h4l1-2h4" /></Icon>;
export const SendIcon = () => <Icon><path d="M10 16V4.5M5 9.5l5-5 5 5" /></Icon>;
export const ClipIcon = () => <Icon><path d="M15.5 9.5l-5.6 5.6a3.3 3.3 0 0 1-4.7-4.7l6.2-6.2a2.2 2.2 0 0 1 3.1 3.1l-6 6a1.1 1.1 0 0 1-1.6-1.6l5.4-5.4" /></Icon>;
/** Out of a channel: a door and an arrow. Out of Halley altogether: the switch. */
export const LeaveIcon = () => <Icon><path d="M8 3.5H4.5v13H8M8.5 10h8M13.5 6.8l3.2 3.2-3.2 3.2" /></Icon>;
export const GearIcon = () => <Icon><path d="M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7" /><circle cx="12.5" cy="6" r="2" /><circle cx="7.5" cy="14" r="2" /></Icon>;
export const LogoutIcon = () => <Icon><path d="M10 3v7M6.2 5.4a6.2 6.2 0 1 0 7.6 0" /></Icon>;
export const PeopleIcon = () => (
  <Icon>
    <circle cx="7.5" cy="7" r="2.8" />
    <path d="M2.5 16c.3-3 2.3-4.6 5-4.6s4.7 1.6 5 4.6M13 4.5a2.8 2.8 0 0 1 0 5.1M14.5 11.8c1.8.5 2.9 2 3.1 4.2" />
  </Icon>
);
export const AutoIcon = () => <Icon><circle cx="10" cy="10" r="6.5" /><path class="solid" d="M10 3.5a6.5 6.5 0 0 1 0 13z" /></Icon>;
export const SunIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="3.2" />
    <path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M15.7 4.3l-1.4 1.4M5.7 14.3l-1.4 1.4" />
  </Icon>
);
export const MoonIcon = () => <Icon><path d="M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3z" /></Icon>;

/** The comet: a head and its tail. */
export function Comet({ size = 28 }: { size?: number }) {
  return (
    <svg class="comet" viewBox="0 0 64 64" width={size} height={size} aria-hidden="true" focusable="false">
      <path class="tail" d="M12.6 38.4C22.5 24 38.5 10.5 60 4 53.5 25.5 40 41.5 25.6 51.4Z" />
      <path class="core" d="M27 37 44 20" />
      <circle class="head" cx="19.5" cy="44.5" r="9.5" />
    </svg>
  );
}
