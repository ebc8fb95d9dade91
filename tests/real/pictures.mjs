// The pictures of the README (script/screenshots): pictures.mjs FOLDER. A real ircd, people who talk, and the page.
import path from 'node:path';

import { Halley } from './lib/halley.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { ircds } from './lib/ircds.mjs';
import { Browser, Page } from './lib/page.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { Stage } from './lib/stage.mjs';

const PLACES = ['#comets', '#observatory', '#telescopes', '#tea'];
const TALK = [
  ['edmond', '#comets', 'Good evening. It is still where I said it would be.'],
  ['vera', '#comets', 'Of course it is. Did anybody get a picture before the moon came up?'],
  ['caroline', '#comets', 'Forty frames, and three of them are \x02good\x02: https://example.org/nights/2026-11-24'],
  ['messier', '#comets', 'I took it for number 104 of my list again, and had to strike it out.'],
  ['kit', '#comets', 'I was on the train, and read all of this when I came out of the tunnel. In order, and once.'],
  ['tycho', '#comets', 'kit: that is what the bouncer is for. The train never stays on IRC for you.'],
  ['edmond', '#comets', 'Seventy-six years between two messages, and not one of them lost.'],
  ['caroline', '#comets', '\x01ACTION pours tea for everybody who waited\x01'],
  ['vera', '#comets', 'The tail is at \x0304seven degrees\x03 now. Clear skies until \x1dtwo\x1d, says the forecast.'],
  ['messier', '#comets', 'Then I will be on the roof. Somebody hold the ladder?'],
  ['kit', '#comets', 'On my way.'],
];
// Elsewhere meanwhile: it waits to be read.
const NEWS = [
  ['caroline', '#tea', 'The kettle is on. Bring your own mug this time, please.'],
  ['tycho', '#telescopes', 'The new mirror arrived in one piece, and the mount did not.'],
  ['tycho', '#telescopes', 'A spanner of 13, anybody?'],
  ['vera', '#observatory', 'kit: the dome is yours from eleven tonight, if the clouds agree'],
];
const SHOTS = [
  ['screenshot.png', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
  ['screenshot-dark.png', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
  ['screenshot-phone.png', { viewport: { width: 390, height: 780 }, colorScheme: 'light', hasTouch: true, isMobile: true }],
  ['screenshot-phone-dark.png', { viewport: { width: 390, height: 780 }, colorScheme: 'dark', hasTouch: true, isMobile: true }],
];

// Everybody in their channels, and Halley for kit among them.
async function gather(stage) {
  const ircd = await ircds.ngircd(stage);
  const people = new Map();
  for (const nick of ['vera', 'tycho', 'caroline', 'edmond', 'messier']) {
    const person = await IrcClient.connect(stage, nick, ircd.port);
    await person.register(nick);
    for (const place of PLACES) await person.join(place);
    people.set(nick, person);
  }
  people.get('vera').send('TOPIC #comets :Halley comes back in 2061 | notes at https://example.org/comets');
  const halley = await (await Halley.prepare(stage)).serve();
  await halley.addUser('kit', PASSWORD);
  await halley.addNetwork('kit', 'starnet', ircd, 'kit', PLACES.join(','));
  await people.get('vera').until(/^:kit!\S+ JOIN :?#tea/);
  return { stage, people, halley };
}

// One after the other, so that the talk stands in its order.
async function talk(people, page) {
  for (const [nick, place, text] of TALK) {
    if (nick === 'kit') {
      await page.say(text);
      await people.get('vera').until(new RegExp(`:kit!\\S+ PRIVMSG ${place} :${text.slice(0, 8)}`));
      continue;
    }
    people.get(nick).send(`PRIVMSG ${place} :${text}`);
    await people.get(nick).settle(`said-${place.slice(1)}`);
    if (place === '#comets' && !text.startsWith('\x01')) await page.untilText(text.replace(/[\x02\x03\x1d]\d*/g, '').slice(0, 20));
  }
}

async function shoot({ stage, people, halley }, browser, [file, options], folder) {
  const context = await browser.newContext({ ...options, locale: 'en-GB' });
  const tab = await context.newPage();
  await tab.goto(`${halley.origin}/#/starnet/%23comets`);
  const page = new Page(tab, stage.transcript(file));
  await tab.getByLabel('User name').fill('kit');
  await tab.getByLabel('Password').fill(PASSWORD);
  await tab.getByRole('button', { name: 'Log in' }).click();
  await page.untilText('On my way.');
  for (const [nick, place, text] of NEWS) people.get(nick).send(`PRIVMSG ${place} :${text}`);
  await tab.waitForFunction((count) => document.querySelectorAll('.buffer-link .badge').length >= count, new Set(NEWS.map(([, place]) => place)).size);
  // Nothing is pointed at.
  await tab.mouse.move(1, 1);
  await tab.screenshot({ path: path.join(folder, file) });
  await context.close();
}

const [folder] = process.argv.slice(2);
const stage = await Stage.open();
try {
  const scene = await gather(stage);
  const { people, halley } = scene;
  const opened = await Browser.open(stage);
  const page = await opened.visit(halley.origin);
  await page.login('kit', PASSWORD);
  await page.open('comets');
  await talk(people, page);
  await page.leave();
  for (const shot of SHOTS) await shoot(scene, opened.context.browser(), shot, folder);
  await halley.stop();
} catch (error) {
  stage.printTranscripts();
  throw error;
} finally {
  await stage.close();
}
