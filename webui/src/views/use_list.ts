// A list that the server has, for a dialog or page.

import { useEffect, useRef, useState } from 'preact/hooks';

/** What a request was refused with. */
export function words(refused: unknown): string {
  return refused instanceof Error ? refused.message : '';
}

/** A list that the server has: null until it is here. */
export function useList<Row>(load: () => Promise<Row[]>): { rows: Row[] | null; error: string; again(): void; fail(refused: unknown): void } {
  const [rows, setRows] = useState<Row[] | null>(null);
  const [error, setError] = useState('');
  const gone = useRef(false);
  const fail = (refused: unknown): void => { if (!gone.current) setError(words(refused)); };
  const again = (): void => {
    setError('');
    load().then((found) => { if (!gone.current) setRows(found); }, fail);
  };
  useEffect(() => {
    again();
    return () => { gone.current = true; };
  }, []);
  return { rows, error, again, fail };
}
