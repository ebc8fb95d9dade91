import { useEffect, useRef } from 'preact/hooks';
import { Mentions } from '../app/mentions';
import { useSession } from './context';
import { HitList } from './Hits';
import { PaneFrame, Rest, useRedraw } from './PaneFrame';
import { t } from '../words/words';

/** Where somebody called us, on all networks. */
export function MentionsPane() {
  const session = useSession();
  const redraw = useRedraw();
  const held = useRef<Mentions | null>(null);
  useEffect(() => {
    const mentions = new Mentions(session.api, session.store, redraw);
    held.current = mentions;
    void mentions.go();
    return () => mentions.stop();
  }, []);
  const mentions = held.current;
  const asking = mentions === null || mentions.state === 'asking';
  return (
    <PaneFrame title={t('Mentions')}>
      <div class="pane-body" tabIndex={0} aria-busy={asking}>
        {mentions !== null && <HitList hits={mentions.hits} words={[]} />}
        <Rest asking={asking} error={mentions?.error ?? ''} more={mentions?.more === true} none={mentions?.hits.length === 0} empty={t('Nobody has called you yet.')} onMore={() => void mentions?.go()} />
      </div>
    </PaneFrame>
  );
}
