// A wire between a client and Halley that fails as wires do.
import net from 'node:net';

export class Wire {
  static async lay(stage, port) {
    const wire = new Wire(port);
    wire.server = net.createServer((near) => wire.join(near));
    await new Promise((resolve) => { wire.server.listen(0, '127.0.0.1', resolve); });
    stage.atEnd(() => {
      wire.cut();
      wire.server.close();
    });
    return wire;
  }

  constructor(port) {
    this.far = port;
    this.pairs = new Set();
  }

  get port() {
    return this.server.address().port;
  }

  join(near) {
    const far = net.connect(this.far, '127.0.0.1');
    const pair = [near, far];
    this.pairs.add(pair);
    near.pipe(far);
    if (this.bytewise) far.setNoDelay(true), near.setNoDelay(true), far.on('data', (bytes) => { for (const byte of bytes) near.write(Uint8Array.of(byte)); });
    else far.pipe(near);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  }

  // On what is opened later each byte that comes to the client is a packet of its own.
  chop() {
    this.bytewise = true;
  }

  // Every connection ends in the middle of whatever it says.
  cut() {
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  // Nothing passes any more on what is open, and nobody is told: a mapping forgotten on the way. What is opened later passes.
  stall() {
    for (const [near, far] of this.pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }
}
