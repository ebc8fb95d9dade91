// The clients of docs/clients, as somebody would run them who has read halley-web(7).
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { ircds } from './lib/ircds.mjs';
import { CHANNEL, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';

const docs = fileURLToPath(new URL('../../docs/clients/', import.meta.url));
const CLIENTS = { 'client.mjs': [process.execPath, 'client.mjs'], 'client.sh': ['bash', 'client.sh'] };
const TEXT = 'say "1" \\ and <b>&c</b>';

for (const [name, [program, file]] of Object.entries(CLIENTS)) {
  scene(`${name}: follows, talks, and goes on where it was, also when Halley is killed`, {}, async (stage) => {
    const { speaker, halley } = await raise(stage, ircds.ngircd);
    const token = (await halley.must(['device', 'add', 'kit', 'doc'])).stdout.match(/halley_\S+/)[0];
    const env = { ...process.env, HALLEY_TOKEN: token };
    const start = () => stage.run(name, program, [`${docs}${file}`, halley.origin, 'real', CHANNEL, stage.path('cursor')], { env, input: null });
    const say = (from, to) => {
      for (let number = from; number <= to; number++) speaker.send(`PRIVMSG ${CHANNEL} :line ${number}.`);
    };
    const heard = [];
    const leave = async (client) => {
      await client.stop();
      heard.push(...client.said.matching(/^<speaker> line/));
    };

    const first = start();
    // Nothing says that it follows: so the speaker repeats itself until it is heard.
    const hello = setInterval(() => speaker.send(`PRIVMSG ${CHANNEL} :hello`), 100);
    await first.said.until(/^<speaker> hello$/).finally(() => clearInterval(hello));
    say(1, 5);
    first.process.stdin.write(`${TEXT}\nsecond\n`);
    await speaker.until(/PRIVMSG #comet :second/);
    assert.ok(speaker.said.lines.some((line) => line.endsWith(`PRIVMSG ${CHANNEL} :${TEXT}`)), 'said as it was typed');
    await first.said.until(/^<speaker> line 5\.$/);
    await first.said.until(/^<kit> say "1" \\ and/);
    // What it prints after a line says that the line's cursor is kept.
    await first.said.until(/^<kit> second$/);
    await leave(first);

    say(6, 10); // said while it is away
    const second = start();
    await second.said.until(/line 10\./);
    const before = speaker.said.lines.length;
    await halley.kill9();
    await halley.serve();
    await speaker.until(/^:kit!\S+ JOIN/, { from: before });
    say(11, 15);
    await second.said.until(/line 15\./);
    second.process.stdin.write('third\n');
    await speaker.until(/PRIVMSG #comet :third/, { from: before });
    await second.said.until(/^<kit> third$/);
    await leave(second);
    assert.deepEqual(heard, Array.from({ length: 15 }, (_, index) => `<speaker> line ${index + 1}.`));
    for (const word of ['second', 'third']) assert.equal(speaker.said.matching(new RegExp(`:${word}$`)).length, 1);
    await halley.stop();
  });
}
