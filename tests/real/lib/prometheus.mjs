// A strict reader of Prometheus' text format 0.0.4: what promtool would complain of is an error here too.
import assert from 'node:assert/strict';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?(?:[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?|Inf)|NaN)$`);
const COMMENT = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

// name -> { help, type, samples: Map of labels to numbers }
export function parseMetrics(text) {
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const families = new Map();
  let open = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = COMMENT.exec(line);
    if (comment) {
      const [, what, name, rest] = comment;
      if (what === 'HELP') {
        assert.ok(!families.has(name), `${name} stands in one place`);
        open = { name, help: rest, samples: new Map() };
        families.set(name, open);
      } else {
        assert.equal(open?.name, name, 'TYPE stands behind its HELP');
        assert.equal(open.type, undefined, `${name} has one TYPE`);
        assert.ok(TYPES.has(rest), `${rest} is a type`);
        open.type = rest;
        if (rest === 'counter') assert.match(name, /_total$/, 'counters are called so');
        else assert.doesNotMatch(name, /_(total|count|sum|bucket)$/, 'only counters are');
      }
      continue;
    }
    const sample = SAMPLE.exec(line);
    assert.ok(sample, `not a line of the format: ${line}`);
    const [, name, labels = '', value] = sample;
    assert.equal(open?.name, name, `${name} stands with its HELP`);
    assert.ok(open.type, `${name} has a TYPE before its first figure`);
    assert.ok(!open.samples.has(labels), `${name}{${labels}} comes once`);
    open.samples.set(labels, Number(value));
  }
  for (const family of families.values()) assert.ok(family.samples.size > 0 && family.help, `${family.name} says something`);
  return families;
}
