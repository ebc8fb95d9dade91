// Formatted text: nodes from text/, drawn. Channel names are buttons that MessageList listens to.

import type { Run, Style } from '../text/format';
import { extendedColour, PLAIN } from '../text/format';
import { toNodes, type TextNode } from '../text/nodes';

function colourClass(style: Style): { classes: string[]; css: Record<string, string> } {
  const classes: string[] = [];
  const css: Record<string, string> = {};
  const put = (value: number | string | null, prefix: string, property: string): void => {
    if (value === null) return;
    if (typeof value === 'number' && value < 16) classes.push(`${prefix}${value}`);
    else css[property] = typeof value === 'number' ? extendedColour(value) : value;
  };
  put(style.reverse ? style.bg : style.fg, 'fg', 'color');
  put(style.reverse ? style.fg : style.bg, 'bg', 'background-color');
  if (style.reverse && style.fg === null && style.bg === null) classes.push('reverse');
  return { classes, css };
}

function StyledRun({ run }: { run: Run }) {
  const { style } = run;
  if (style === PLAIN) return <>{run.text}</>;
  const { classes, css } = colourClass(style);
  for (const name of ['bold', 'italic', 'underline', 'strike', 'mono'] as const) if (style[name]) classes.push(`t-${name}`);
  return <span class={classes.join(' ')} style={css}>{run.text}</span>;
}

function Parts({ parts }: { parts: Run[] }) {
  return <>{parts.map((run, index) => <StyledRun key={index} run={run} />)}</>;
}

function OneNode({ node }: { node: TextNode }) {
  switch (node.type) {
    case 'text':
      return <StyledRun run={node} />;
    case 'link':
      return <a href={node.href} target="_blank" rel="noopener noreferrer"><Parts parts={node.parts} /></a>;
    case 'channel':
      return <button type="button" class="channel-ref" data-channel={node.name}><Parts parts={node.parts} /></button>;
  }
}

export function RichText({ text }: { text: string }) {
  return <>{toNodes(text).map((node, index) => <OneNode key={index} node={node} />)}</>;
}
