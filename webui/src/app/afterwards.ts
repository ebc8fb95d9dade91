// What the page needs once it has nothing better to do, in a script of its own.

export { keepCopies, lastSeen } from './copy_store';
export { followNotices } from './notices';
export { followSounds } from './sounds';
export { followUpgrades } from './upgrades';
