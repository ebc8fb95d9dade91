// The pictures of the README and the guide (script/screenshots): pictures.mjs FOLDER. A real ircd, people who talk, and the page.
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
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const SMALL = { viewport: { width: 1120, height: 640 } };
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

const LIGHT = ['light', ''];
const DARK = ['dark', '-dark'];

// [file, window, themes and what the file's name says of them, whose page, what is done there before it is taken]
const SHOTS = [
  ['screenshot', DESKTOP, [LIGHT, DARK], 'kit', untilNews],
  ['screenshot-phone', PHONE, [LIGHT, DARK], 'kit', untilNews],
  ['screenshot-phone-list', PHONE, [LIGHT, DARK], 'kit', openList],
  ['guide/pictures/search', SMALL, [LIGHT], 'kit', search],
  ['guide/pictures/person', SMALL, [LIGHT], 'kit', lookAtSomebody],
  ['guide/pictures/network', SMALL, [LIGHT], 'ann', firstNetwork],
];

async function untilNews(tab) {
  await tab.waitForFunction((count) => document.querySelectorAll('.buffer-link .badge').length >= count, new Set(NEWS.map(([, place]) => place)).size);
}

async function openList(tab) {
  await untilNews(tab);
  await tab.getByRole('button', { name: /^Channels, \d+ unread/ }).click();
  await tab.getByRole('navigation', { name: 'Networks and channels' }).getByText('#observatory').waitFor();
}

async function search(tab) {
  await tab.keyboard.press('Control+k');
  await tab.getByRole('combobox').fill('train');
  await tab.getByRole('option', { name: /Search messages/ }).click();
  await tab.getByText('The train never stays').waitFor();
}

async function lookAtSomebody(tab) {
  await tab.getByRole('complementary', { name: 'Members of #comets' }).getByRole('button', { name: /caroline/ }).click();
  await tab.getByRole('dialog', { name: 'caroline' }).getByText('#observatory').waitFor();
}

async function firstNetwork(tab) {
  await tab.getByRole('heading', { name: 'Where to?' }).waitFor();
}

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
  await halley.addUser('ann', PASSWORD); // has just come
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

// All so far is read, on a device of kit's; what follows is news to each browser that comes.
async function readAll(stage, halley) {
  const desk = await IrcClient.connect(stage, 'desk', halley.ircPort);
  desk.send('CAP REQ draft/read-marker');
  desk.send('CAP END');
  await desk.register('kit', { password: `kit/starnet@desk:${PASSWORD}` });
  for (const place of PLACES) {
    desk.send(`MARKREAD ${place} timestamp=${new Date().toISOString()}`);
    await desk.until(new RegExp(`MARKREAD ${place} timestamp=`));
  }
  await desk.quit();
}

async function shoot({ halley }, browser, [file, options, , user, act], [colorScheme, suffix], folder) {
  const context = await browser.newContext({ ...options, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' });
  const tab = await context.newPage();
  await tab.goto(`${halley.origin}/#/starnet/%23comets`);
  await tab.getByLabel('User name').fill(user);
  await tab.getByLabel('Password').fill(PASSWORD);
  await tab.getByRole('button', { name: 'Log in' }).click();
  if (user === 'kit') await tab.locator('main [role=article]', { hasText: 'On my way.' }).waitFor({ state: 'attached' });
  await act(tab);
  // Nothing is pointed at.
  await tab.mouse.move(1, 1);
  await tab.screenshot({ path: path.join(folder, `${file}${suffix}.png`) });
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
  await readAll(stage, halley);
  for (const [nick, place, text] of NEWS) people.get(nick).send(`PRIVMSG ${place} :${text}`);
  for (const shot of SHOTS) for (const scheme of shot[2]) await shoot(scene, opened.context.browser(), shot, scheme, folder);
  await halley.stop();
} catch (error) {
  stage.printTranscripts();
  throw error;
} finally {
  await stage.close();
}
