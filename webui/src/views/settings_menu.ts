// What its reader sets for this browser, and the way to the account.

import { setSounds, soundsOn } from '../app/sounds';
import type { Store } from '../app/store';
import type { Folding } from '../state/folding';
import { openDialog } from './open_dialog';
import type { MenuItem } from './open_menu';
import { LANGUAGES } from '../words/load';
import { t, w, type Word } from '../words/words';

const FOLDINGS: [Folding, Word][] = [['all', w('Show all joins and leaves')], ['spoke', w('Only of those who spoke')], ['none', w('No joins and leaves')]];

export function settingsMenu(store: Store): MenuItem[] {
  const item = (label: string, checked: boolean, run: () => void): MenuItem => ({ label, checked, run });
  const group = (items: MenuItem[], one: boolean): MenuItem[] => items.map((each, at) => ({ ...each, one, apart: at === 0 }));
  return [
    { label: t('Devices, notices, password…'), run: () => openDialog({ kind: 'account' }) },
    ...group(FOLDINGS.map(([folding, label]) => item(t(label), folding === store.folding.value, () => { store.folding.value = folding; })), true),
    ...group(LANGUAGES.map(([language, name]) => item(name, language === store.spoken.value, () => { store.language.value = language; })), true),
    ...group([
      item(t('Compact'), store.compact.value, () => { store.compact.value = !store.compact.value; }),
      item(t('Show images on a click'), store.images.value, () => { store.images.value = !store.images.value; }),
      item(t('A sound for what is for me'), soundsOn(), () => setSounds(!soundsOn())),
      item(t('Tell others when I type'), store.tellsTyping.value, () => { store.tellsTyping.value = !store.tellsTyping.value; }),
    ], false),
  ];
}
