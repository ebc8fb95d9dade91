// A list that the server has, for a dialog or page.

import { useEffect, useRef, useState } from 'preact/hooks';

/** What a request was refused with. */
export function words(refused: unknown): string {
  return refused instanceof Error ? refused.message : '';
}

export interface List<Row> {
  /** Null until they are here. */
  rows: Row[] | null;
  error: string;
  again(): void;
  fail(refused: unknown): void;
  /** Reads the list anew behind what has changed it; what was refused is told, and handed on. */
  tried(deed: Promise<void>): Promise<void>;
}

export function useList<Row>(load: () => Promise<Row[]>): List<Row> {
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
  const tried = (deed: Promise<void>): Promise<void> => deed.then(again, (refused: unknown) => { fail(refused); throw refused; });
  return { rows, error, again, fail, tried };
}
