// A client of Halley in sixty lines of plain JavaScript (Node 18 or newer), from what `man halley-web` says and nothing else.
//   HALLEY_TOKEN=halley_... node client.mjs http://127.0.0.1:8067 libera '#channel' cursor-file
// Prints what is said in the channel, says what it reads from standard input, and goes on where it was when it comes back.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import readline from 'node:readline';

const [url, network, target, file] = process.argv.slice(2);
const headers = { authorization: `Bearer ${process.env.HALLEY_TOKEN}`, 'content-type': 'application/json' };
const client = `client.mjs-${process.pid}-${Date.now()}`;
let cursor = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
function take(frame) {
  const said = frame.network === network && / :([^ !]+)\S* PRIVMSG (\S+) :(.*)$/.exec(frame.line ?? '');
  if (frame.id && said && said[2].toLowerCase() === target.toLowerCase()) console.log(`<${said[1]}> ${said[3]}`);
  if (!frame.id) return;
  cursor = frame.id;
  writeFileSync(`${file}.new`, cursor);
  renameSync(`${file}.new`, file); // never half a cursor
}

async function stream() {
  const cut = new AbortController();
  const after = cursor ? `&after=${encodeURIComponent(cursor)}` : '';
  // A word comes at least every 15 seconds: without one the line is dead, whatever it looks like.
  let watch = setTimeout(() => cut.abort(), 40_000);
  try {
    const answer = await fetch(`${url}/api/events?transport=ndjson&client=${client}${after}`, { headers, signal: cut.signal });
    if (!answer.ok) throw new Error((await answer.json()).message);
    let rest = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(watch);
      watch = setTimeout(() => cut.abort(), 40_000);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line !== '') take(JSON.parse(line));
    }
  } finally {
    clearTimeout(watch);
  }
}

async function follow() {
  for (;; await sleep(1000)) await stream().catch((error) => console.error(`lost: ${error.message}`));
}

// One numbered command, repeated until it is answered: it is done once, however often it arrives.
async function command(seq, line) {
  for (;; await sleep(1000)) {
    const body = JSON.stringify({ client, seq, network, line });
    const answer = await fetch(`${url}/api/commands`, { method: 'POST', headers, body }).catch(() => undefined);
    if (answer?.ok) return (await answer.json()).result;
    if (answer && answer.status !== 503) throw new Error((await answer.json()).message);
  }
}

follow();
let seq = 0;
for await (const text of readline.createInterface({ input: process.stdin })) {
  if (text !== '') console.error(await command(++seq, `PRIVMSG ${target} :${text}`) || 'sent');
}
