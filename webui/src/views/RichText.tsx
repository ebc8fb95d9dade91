// Formatted text: nodes from text/, drawn. Channel names are buttons that MessageList listens to.

import { PLAIN, type Run } from '../text/format';
import { hostHint, withoutTowers } from '../text/display';
import { inkOf } from '../text/ink';
import { toNodes, type TextNode } from '../text/nodes';
import { t } from '../words/words';

function StyledRun({ run }: { run: Run }) {
  const { style } = run;
  if (style === PLAIN) return <>{run.text}</>;
  const classes: string[] = [];
  const colours = inkOf(style);
  if (colours?.ink === true) classes.push('ink');
  if (colours === null && style.reverse) classes.push('reverse');
  for (const name of ['bold', 'italic', 'underline', 'strike', 'mono'] as const) if (style[name]) classes.push(`t-${name}`);
  return <span class={classes.join(' ')} style={colours?.css}>{run.text}</span>;
}

function Parts({ parts }: { parts: Run[] }) {
  return <>{parts.map((run, index) => <StyledRun key={index} run={run} />)}</>;
}

/** A host that may be taken for another is told in plain letters beside the link. */
function Link({ href, parts }: { href: string; parts: Run[] }) {
  const hint = hostHint(href);
  return (
    <>
      <a href={href} target="_blank" rel="noopener noreferrer"><Parts parts={parts} /></a>
      {hint !== null && <> <span class="host-hint" title={t('Where this link really leads')}>({hint})</span></>}
    </>
  );
}

function OneNode({ node }: { node: TextNode }) {
  switch (node.type) {
    case 'text':
      return <StyledRun run={node} />;
    case 'link':
      return <Link href={node.href} parts={node.parts} />;
    case 'channel':
      return <button type="button" class="channel-ref" data-channel={node.name}><Parts parts={node.parts} /></button>;
  }
}

export function RichText({ text }: { text: string }) {
  return <>{toNodes(withoutTowers(text)).map((node, index) => <OneNode key={index} node={node} />)}</>;
}
