// One scene on one stage: a temporary folder, processes and sockets that are all gone when the scene ends, however it ends.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { Transcript } from './transcript.mjs';

const living = new Set(); // every process of every scene, so that an interrupted run leaves none behind

process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

// When it fails, the last lines of all that took part are printed.
async function perform(play) {
  const stage = await Stage.open();
  try {
    await play(stage);
  } catch (error) {
    stage.printTranscripts();
    throw error;
  } finally {
    await stage.close();
  }
}

// A test of node:test.
export function scene(name, options, play) {
  test(name, { timeout: 300_000, ...options }, () => perform(play));
}

// Several scenes that mostly wait, at once.
export function scenes(name, plays) {
  test(name, { concurrency: plays.length, timeout: 300_000 }, (all) =>
    Promise.all(plays.map(([part, play]) => all.test(part, { timeout: 300_000 }, () => perform(play)))));
}

export class Stage {
  static async open() {
    return new Stage(await mkdtemp(path.join(os.tmpdir(), 'halley-real-')));
  }

  constructor(folder) {
    this.folder = folder;
    this.closers = [];
    this.transcripts = [];
  }

  path(...parts) {
    return path.join(this.folder, ...parts);
  }

  transcript(name) {
    const transcript = new Transcript(name);
    this.transcripts.push(transcript);
    return transcript;
  }

  // Called in reverse order at the end.
  atEnd(close) {
    this.closers.push(close);
  }

  run(name, command, args, { input, ...options } = {}) {
    const child = new Child(this.transcript(name), command, args, options, input);
    this.atEnd(() => child.stop('SIGKILL'));
    return child;
  }

  printTranscripts() {
    for (const transcript of this.transcripts) {
      console.error(`--- ${transcript.name}\n  ${transcript.tail(30)}`);
    }
  }

  async close() {
    for (const close of this.closers.reverse()) await close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Child {
  constructor(said, command, args, options, input) {
    this.said = said; // stdout and stderr together
    this.stdout = '';
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    living.add(this.process);
    this.process.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
      said.feed(text);
    });
    this.process.stderr.setEncoding('utf8').on('data', (text) => said.feed(text));
    this.process.stdin.on('error', () => {}); // it may end before it has read all of its input
    if (input !== null) this.process.stdin.end(input ?? ''); // null: it stays open, for typing
    this.ended = new Promise((resolve) => {
      this.process.on('error', (error) => said.push(String(error)));
      this.process.on('close', (code, signal) => {
        living.delete(this.process);
        said.end();
        resolve({ code, signal });
      });
    });
  }

  async stop(signal = 'SIGTERM') {
    this.process.kill(signal);
    return this.ended;
  }
}

// Ports are handed out from blocks, each claimed by one process for as long as it lives: test files run beside each other,
// and between the choice of a port and the server that listens there another must not choose it. Not from the range of
// outgoing connections: a server that is killed and started again must not find its port taken by somebody's other end.
const FIRST_PORT = 10_000;
const PORTS_OF_A_BLOCK = 100;
const BLOCKS = 200;
const block = { next: 0, end: 0, claiming: null };

// Null: somebody else listens there.
function listenOn(port) {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function claimBlock() {
  const begin = Math.floor(Math.random() * BLOCKS);
  for (let i = 0; i < BLOCKS; i++) {
    const base = FIRST_PORT + ((begin + i) % BLOCKS) * PORTS_OF_A_BLOCK;
    const claim = await listenOn(base);
    if (claim === null) continue;
    claim.unref();
    block.next = base + 1;
    block.end = base + PORTS_OF_A_BLOCK;
    return;
  }
  throw new Error('no block of ports is free');
}

// A port that is free now, and stays so for this process.
export async function freePort() {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    while (block.next === block.end) await (block.claiming ??= claimBlock().finally(() => { block.claiming = null; }));
    const port = block.next++;
    const probe = await listenOn(port);
    if (probe === null) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
  throw new Error('no free port found in a thousand attempts');
}
