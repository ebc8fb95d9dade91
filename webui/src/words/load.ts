// Which language the page speaks, and where its words come from: those of another than English are fetched when needed.

import { speak, type Table } from './words';

export type Language = 'en' | 'de';
/** As its reader chose; auto: as the browser has it. */
export type LanguageChoice = Language | 'auto';

/** In their own words. */
export const LANGUAGES: [Language, string][] = [['en', 'English'], ['de', 'Deutsch']];

export function isLanguage(text: string | null): text is Language {
  return LANGUAGES.some(([language]) => language === text);
}

/** The first that the reader's browser names and the page speaks. */
export function languageOf(choice: LanguageChoice, preferred: readonly string[]): Language {
  if (choice !== 'auto') return choice;
  const named = preferred.map((each) => each.slice(0, 2).toLowerCase()).find(isLanguage);
  return named ?? 'en';
}

let language: Language = 'en';
let locales: readonly string[] = [];
let setLocale: (locale: string) => void = () => undefined;
/** What is opened seldom has a table of its own. */
let more = false;

/** Who writes days and times hears of the locale from here on. */
export function bindLocale(set: (locale: string) => void): void {
  setLocale = set;
}

async function tableOf(wanted: Language): Promise<Table | null> {
  if (wanted === 'en') return null;
  const [first, later] = await Promise.all([import('./de'), more ? import('./de_more') : null]);
  return { ...first.de, ...later?.de_more };
}

/** False when its words could not be had: the page goes on in the language it has. */
export async function speakLanguage(wanted: Language, preferred: readonly string[]): Promise<boolean> {
  try {
    speak(await tableOf(wanted));
  } catch {
    return false;
  }
  language = wanted;
  locales = preferred;
  // Days and times as that language has them, and its reader's country.
  setLocale(preferred.find((each) => each.toLowerCase().startsWith(wanted)) ?? wanted);
  return true;
}

/** Before what is opened seldom is shown. */
export async function speakOfMore(): Promise<void> {
  more = true;
  if (!(await speakLanguage(language, locales))) throw new Error('the words could not be fetched');
}
