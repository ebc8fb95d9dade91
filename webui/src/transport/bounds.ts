// What a tab and a hub both keep to.

/** How often a tab says that it is there. */
export const ALIVE_MS = 25_000;
/** Commands that either keeps until they are sent. */
export const LONGEST_QUEUE = 100;
