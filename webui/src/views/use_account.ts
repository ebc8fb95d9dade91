import { useMemo } from 'preact/hooks';
import { Account } from '../app/account';
import { useSession } from './context';

export function useAccount(): Account {
  const { api } = useSession();
  return useMemo(() => new Account(api), [api]);
}
