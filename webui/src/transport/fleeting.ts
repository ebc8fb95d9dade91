// Lines that are of use at once or never (typing notices): one at a time, under a name and numbers of their own, so that
// nothing that is said ever waits for them, or takes their number. What is lost of them is lost.

import { postJson, toError } from './api';
import type { Env } from './env';

export class Fleeting {
  private seq = 1;
  private busy = false;

  constructor(
    private readonly env: Env,
    /** Unique among all tabs; at most 64 bytes. */
    private readonly client: string,
    private readonly user: () => string = () => '',
    private readonly url = 'api/commands',
  ) {}

  async send(network: string, line: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const response = await postJson(this.env, this.url, { client: this.client, seq: this.seq, network, line }, this.user());
      const expected = response.ok ? null : (await toError(response)).body['expected'];
      this.seq = typeof expected === 'number' ? expected : this.seq + 1;
    } catch {
      this.seq += 1; // it may have been taken; if not, the next answer tells the right number
    }
    this.busy = false;
  }
}
