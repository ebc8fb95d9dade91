// Images that the links of a line lead to, for whom wants them: a button each, and nothing is fetched before its click. An
// image has its place from then on, whatever comes: nothing moves when it is there.

import { useMemo, useState } from 'preact/hooks';
import { imagesIn, type Image } from '../text/images';
import { t } from '../words/words';
import { useSession } from './context';

type State = 'hidden' | 'fetching' | 'here' | 'failed';

function Picture({ image, alone }: { image: Image; alone: boolean }) {
  const [state, setState] = useState<State>('hidden');
  const hidden = state === 'hidden';
  const { href, name, host } = image;
  const label = hidden ? t('Show image') : t('Hide image');
  return (
    <>
      <button type="button" class="show-image" aria-expanded={!hidden} aria-label={`${label} ${name}`} title={t('It comes from {0}, which learns your address.', host)} onClick={() => setState(hidden ? 'fetching' : 'hidden')}>
        {alone ? label : `${label} ${name}`}
      </button>
      {(state === 'fetching' || state === 'here') && (
        <img
          class={`picture ${state}`}
          alt={t('Image {0}', name)}
          loading="lazy"
          decoding="async"
          referrerpolicy="no-referrer"
          onLoad={() => setState('here')}
          onError={() => setState('failed')}
          src={href}
        />
      )}
      {state === 'failed' && <p class="picture muted" role="alert">{t('The image could not be loaded.')}</p>}
    </>
  );
}

export function Pictures({ text }: { text: string }) {
  const wanted = useSession().store.images.value;
  const images = useMemo(() => (wanted ? imagesIn(text, document.baseURI) : []), [wanted, text]);
  if (images.length === 0) return null;
  return <div class="pictures">{images.map((image) => <Picture key={image.href} image={image} alone={images.length === 1} />)}</div>;
}
