// The session, for whichever view needs it.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from '../app/session';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('a view outside of the App');
  return session;
}
