// Runs the unit tests: esbuild makes each .test.ts a script of its own, and Node's test runner runs them.
// Arguments go to the runner: node test/run.mjs --test-name-pattern=cursor

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const unit = path.join(here, 'unit');
const tests = readdirSync(unit).filter((file) => file.endsWith('.test.ts')).sort();
const out = mkdtempSync(path.join(tmpdir(), 'halley-webui-'));
try {
  await esbuild.build({
    entryPoints: tests.map((file) => path.join(unit, file)),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node18',
    sourcemap: 'inline',
  });
  const files = tests.map((file) => path.join(out, file.replace(/\.ts$/, '.mjs')));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...process.argv.slice(2), ...files], { stdio: 'inherit', env: { ...process.env, HALLEY_WEBUI: path.join(here, '..') } });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
