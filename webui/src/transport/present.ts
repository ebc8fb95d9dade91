// The present state in one plain request that any proxy lets through: snapshot to ready, as the stream would begin.
// It goes without a client's name, so that no answer to a command ever waits in it.

import { ApiError, request, toError } from './api';
import type { Env } from './env';
import { toFrame, type Frame } from './frames';
import { t } from '../words/words';

export interface Present {
  frames: Frame[];
  /** The cursor reached: whoever follows from here misses nothing. */
  after: string;
}

/** `user`: nobody else's state is read. */
export async function readPresent(env: Env, user = '', url = 'api/events'): Promise<Present> {
  const whose = user === '' ? '' : `&user=${encodeURIComponent(user)}`;
  const response = await request(env, `${url}?transport=poll&wait=0${whose}`);
  if (!response.ok) throw await toError(response);
  let values: unknown;
  try {
    values = await response.json();
  } catch {
    values = null;
  }
  const frames = (Array.isArray(values) ? values : []).map(toFrame).filter((frame): frame is Frame => frame !== null);
  const end = frames.find((frame) => frame.kind === 'end');
  if (end?.kind === 'end') throw new ApiError(503, 'ended', end.message);
  const ready = frames.find((frame) => frame.kind === 'ready');
  if (ready?.kind !== 'ready' || ready.id === null) throw new ApiError(0, 'no_answer', t('Halley answered with something else than its state.'));
  return { frames, after: ready.id };
}
