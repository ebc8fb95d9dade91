// What a stream tells its owner, noted for a test; and frames as Halley sends them.

import type { Found } from '../../src/transport/carriers';
import type { Frame } from '../../src/transport/frames';
import type { StreamStatus } from '../../src/transport/stream';

export class Heard {
  readonly lines: string[] = [];
  readonly marks: string[] = [];
  readonly statuses: StreamStatus[] = [];
  readonly caught: number[] = [];
  gaps = 0;
  unauthorizedCount = 0;
  readonly names: string[] = [];
  readonly provenCarriers: string[] = [];
  found: Found | null = null;

  named(client: string): void {
    this.names.push(client);
  }

  proven(found: Found): void {
    this.provenCarriers.push(found.carrier);
    this.found = found;
  }

  frames(frames: Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === 'line') this.lines.push(frame.line);
      else this.marks.push(frame.kind);
    }
  }

  status(status: StreamStatus): void {
    this.statuses.push(status);
  }

  caughtUp(lines: number): void {
    this.caught.push(lines);
  }

  gap(): void {
    this.gaps += 1;
  }

  unauthorized(): void {
    this.unauthorizedCount += 1;
  }

  get phase(): string {
    return this.statuses[this.statuses.length - 1]?.phase ?? 'none';
  }

  /** What is told of the better carriers: [carrier, fate, what the server said]. */
  get tried(): string[][] {
    return (this.statuses[this.statuses.length - 1]?.tried ?? []).map(({ carrier, fate, said }) => [carrier, fate, said]);
  }

  get carrier(): string {
    return this.statuses[this.statuses.length - 1]?.carrier ?? 'none';
  }
}

export const SNAPSHOT = [{ event: 'snapshot' }, { network: 'n', line: ':me JOIN #c' }, { event: 'ready' }];

export function event(id: number, prev = id - 1): unknown {
  return { id: `e:${id}`, prev: `e:${prev}`, network: 'n', line: `line ${id}` };
}
