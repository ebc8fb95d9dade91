// The files that its user has sent, which whoever has their addresses may have.

import { keptFiles, removeFile, sizeOf, type KeptFile } from '../app/upload';
import { t } from '../words/words';
import { ask } from './ask';
import { copyText } from './buffer_menu';
import { useSession } from './context';
import { useList } from './use_list';

export function FilesTab() {
  const session = useSession();
  const { rows, error, again, fail } = useList<KeptFile>(() => keptFiles(session.api));
  const remove = async (name: string): Promise<void> => {
    const text = t('Its address leads nowhere then, wherever it was said.');
    if (!(await ask({ title: t('Remove {0}?', name), text, yes: t('Remove for good'), no: t('Keep') }))) return;
    removeFile(session.api, name).then(again, fail);
  };
  return (
    <>
      <p class="muted">{t('Paste or drop a file on a talk, or choose one by the paper clip: its address comes into the field where you write. Whoever has that address can fetch the file.')}</p>
      <ul class="masks" aria-label={t('Files')}>
        {rows?.map(({ name, bytes, time }) => (
          <li key={name}>
            <a href={`upload/${encodeURIComponent(name)}`} target="_blank" rel="noopener noreferrer">{name}</a> <span class="muted">{sizeOf(bytes)} · {time}</span>
            {window.isSecureContext && <button type="button" class="link-button" aria-label={t('Copy address of {0}', name)} onClick={() => copyText(session, new URL(`upload/${name}`, window.location.href).href)}>{t('Copy')}</button>}
            <button type="button" class="link-button" aria-label={t('Remove {0}', name)} onClick={() => void remove(name)}>{t('Remove')}</button>
          </li>
        ))}
      </ul>
      {rows?.length === 0 && <p class="muted" role="status">{t('No files yet.')}</p>}
      {error !== '' && <p class="form-error" role="alert">{error}</p>}
    </>
  );
}
