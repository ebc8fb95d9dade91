// Which language the page speaks, and where its words come from: those of another than English are fetched when needed.

import { setLocale } from '../text/time';
import { speak } from './words';

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

/** False when its words could not be had: the page goes on in the language it has. */
export async function speakLanguage(language: Language, preferred: readonly string[]): Promise<boolean> {
  try {
    speak(language === 'de' ? (await import('./de')).de : null);
  } catch {
    return false;
  }
  // Days and times as that language has them, and its reader's country.
  setLocale(preferred.find((each) => each.toLowerCase().startsWith(language)) ?? language);
  return true;
}
