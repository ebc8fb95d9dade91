// A network that connects while the page is open may not say what it is (005): the state that a newcomer gets tells.
// A few looks, ever further apart; then it has nothing to say.

import type { Env } from '../transport/env';
import type { Present } from '../transport/present';
import { applyMissing, untold } from '../state/fold';
import { Changes, type World } from '../state/world';

const LOOK_MS = 500; // doubled with each look
const MOST_LOOKS = 6;

export class Missing {
  private asking = false;

  constructor(
    private readonly env: Env,
    private readonly clock: () => number,
    private readonly look: () => Promise<Present | null>,
    private readonly done: (changes: Changes) => void,
  ) {}

  ask(world: World, tries = 0): void {
    const missing = untold(world);
    if (this.asking || !world.attached || missing.length === 0) return;
    if (tries >= MOST_LOOKS) {
      for (const network of missing) network.told = true;
      return;
    }
    this.asking = true;
    this.env.setTimer(() => void this.lookFor(world, tries), LOOK_MS * 2 ** tries);
  }

  private async lookFor(world: World, tries: number): Promise<void> {
    const present = untold(world).length === 0 ? null : await this.look();
    this.asking = false;
    const changes = new Changes();
    if (present !== null) applyMissing(world, present.frames, this.clock(), changes);
    this.done(changes);
    this.ask(world, tries + 1);
  }
}
