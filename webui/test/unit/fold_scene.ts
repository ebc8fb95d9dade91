// A world that frames are applied to, and what changed of it.
import assert from 'node:assert/strict';
import type { Entry } from '../../src/state/entry';
import { applyFrame } from '../../src/state/fold';
import * as world from '../../src/state/world';
import { Changes, World, type Buffer, type Network } from '../../src/state/world';
import { toFrame } from '../../src/transport/frames';

export class Scene {
  readonly world = new World();
  changes = new Changes();
  private id = 100;

  frame(value: unknown): void {
    const frame = toFrame(value);
    assert.ok(frame !== null);
    applyFrame(this.world, frame, 5000, this.changes);
  }

  /** A line with a row. */
  event(line: string): void {
    this.id += 1;
    this.frame({ id: `e:${this.id}`, network: 'n', line });
  }

  /** A line without one. */
  state(...lines: string[]): void {
    for (const line of lines) this.frame({ network: 'n', line });
  }

  attach(): this {
    this.frame({ event: 'snapshot' });
    this.frame({ event: 'network', network: 'n', state: 'connected', nick: 'me' });
    this.state(
      ':s 005 me PREFIX=(ov)@+ CHANTYPES=# CASEMAPPING=ascii STATUSMSG=@+ :are supported',
      ':me!u@h JOIN #c',
      ':s 332 me #c :the topic',
      ':s 333 me #c ann!a@b 1700000000',
      ':s 353 me = #c :@ann +bob me',
      ':s 353 me = #c :@+cat dan!d@h',
      ':s 366 me #c :End',
    );
    this.frame({ event: 'ready' });
    return this;
  }

  get network(): Network {
    return this.world.networks.get('n')!;
  }

  buffer(name = '#c'): Buffer {
    const found = world.findBuffer(this.network, name);
    assert.ok(found !== null, `no buffer ${name}`);
    return found;
  }

  entries(name = '#c'): Entry[] {
    return [...this.buffer(name).log.all()];
  }

  texts(name = '#c'): string[] {
    return this.entries(name).map((entry) => `${entry.kind}:${entry.text}`);
  }

  server(): string[] {
    return [...this.network.server.log.all()].map((entry) => `${entry.kind}:${entry.text}`);
  }

  signs(name = '#c'): Record<string, string> {
    return Object.fromEntries([...this.buffer(name).members.values()].map((member) => [member.nick, member.signs]));
  }
}
