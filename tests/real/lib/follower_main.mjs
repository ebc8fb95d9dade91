// A client in a process of its own, so that it can be put to sleep: follows the log over a transport, comes back with its
// cursor whenever the line is lost, and prints what it hears.
//   node follower_main.mjs '{"base":...,"headers":{...},"ladder":["sse","poll"],"after":...,"firstWord":ms,"silence":ms}'
// Prints "frame TRANSPORT JSON" for each frame, and "lost TRANSPORT why".
import { framesOf, Refused } from './transports.mjs';

const order = JSON.parse(process.argv[2]);
const client = `follower-${process.pid}`;
let after = order.after;
let rung = 0;
let proven = false;
let failures = 0;

function take(transport, frame) {
  process.stdout.write(`frame ${transport} ${JSON.stringify(frame)}\n`);
  if (frame.event === 'reset') after = undefined;
  if (frame.id) after = frame.id;
}

// One stream, or one poll, until it ends. A line that says nothing for too long is given up: first words come at once, later
// ones at the latest with a heartbeat.
async function hear(transport) {
  const cut = new AbortController();
  let watch;
  const arm = (ms) => {
    clearTimeout(watch);
    watch = setTimeout(() => cut.abort(), ms);
  };
  // Who was refused or lost the last time is more patient: the machine may be slow.
  const silence = order.silence * (1 + failures);
  arm(transport === 'poll' ? 60_000 : proven ? silence : order.firstWord);
  try {
    const options = { headers: order.headers, after, client, signal: cut.signal };
    for await (const frame of framesOf(transport, order.base, options)) {
      proven = true;
      failures = 0;
      arm(transport === 'poll' ? 60_000 : silence);
      take(transport, frame);
    }
  } finally {
    clearTimeout(watch);
    cut.abort();
  }
}

for (;;) {
  const transport = order.ladder[rung];
  try {
    await hear(transport);
    if (transport === 'poll') continue;
    process.stdout.write(`lost ${transport} it ended\n`);
  } catch (error) {
    process.stdout.write(`lost ${transport} ${error}\n`);
    failures += 1;
    const unfit = !(error instanceof Refused) || error.status < 429;
    if (!proven && unfit && error.code !== 'ECONNREFUSED' && rung < order.ladder.length - 1) {
      rung += 1;
      failures = 0;
    }
  }
  await new Promise((resolve) => { setTimeout(resolve, Math.min(50 * 2 ** failures, 2000)); });
}
