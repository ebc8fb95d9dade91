// Of many rows of one height, which are in sight: only those are drawn.

import { useEffect, useRef, useState } from 'preact/hooks';

const SPARE = 8;

interface RowWindow {
  ref: preact.RefObject<HTMLDivElement>;
  from: number;
  to: number;
  onScroll(): void;
}

/** `row` in pixels; `ref` and `onScroll` are for what scrolls. */
export function useRowWindow(count: number, row: number): RowWindow {
  const ref = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 900 });
  const measure = (): void => {
    const element = ref.current;
    if (element === null) return;
    // In steps, so that a scroll of a few pixels draws nothing.
    const top = Math.floor(element.scrollTop / (row * 4)) * row * 4;
    setView((old) => (old.top === top && old.height === element.clientHeight ? old : { top, height: element.clientHeight }));
  };
  useEffect(() => {
    if (ref.current === null) return undefined;
    const watch = new ResizeObserver(measure);
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  const from = Math.max(0, Math.min(count, Math.floor(view.top / row) - SPARE));
  const to = Math.min(count, Math.ceil((view.top + view.height) / row) + SPARE + 4);
  return { ref, from, to, onScroll: measure };
}
