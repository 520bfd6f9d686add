// Writes the built site as one HTML file that opens from a disk, and fails above the size limit.
//
//   node tools/single.mjs [--site dist] [--out dist/covid-classifier.html]
//
// A page from `file://` may not load modules or fetch files. Its script and styles are therefore inlined, and everything else that it
// fetches becomes an inert element, which www/reader/files.js opens.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { modulesOf } from './modules.mjs';
import { FROM_DISK, PAGE, pageFiles, PROGRAM, RELAXED_PROGRAM, sha256, WORKER, writeSums } from './site.mjs';
import { ensureWithin, grouped, parseLimit } from './size.mjs';

const LIMIT = path.join(import.meta.dirname, 'single-size-limit.txt');

const MEDIA_TYPES = {
  js: 'text/javascript',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  txt: 'text/plain',
  wasm: 'application/wasm',
};

/**
 * Writes the site as one file and fails if it has more bytes than `limit`; it is written even then, so that it can be inspected.
 * @param {string} site the output of `tools/dist.mjs`
 * @param {string} out
 * @param {number} limit
 */
export async function buildSingle(site, out, limit) {
  const html = await assemble(site);
  await writeFile(out, html);
  // It belongs to the site where it lies in it.
  if (path.resolve(path.dirname(out)) === path.resolve(site)) await writeSums(site);
  const size = Buffer.byteLength(html);
  console.log(`${out}: ${grouped(size)} bytes, limit ${grouped(limit)}`);
  ensureWithin('the page as one file has', size, limit, 'tools/single-size-limit.txt');
}

/** @param {string} site @returns {Promise<string>} */
async function assemble(site) {
  const inlined = await inline(site, await readFile(path.join(site, 'index.html'), 'utf8'));
  const script = `\n${await classic(site, PAGE)}`;
  // The program without relaxed SIMD runs in every browser.
  const used = new Set([RELAXED_PROGRAM, ...inlined.used, ...(await modulesOf(site, [PAGE])).keys()]);
  let enclosed = '';
  for (const file of await pageFiles(site)) if (!used.has(file) && !/\.(html|webmanifest)$/.test(file)) enclosed += await element(site, file);
  enclosed += `<script>${inert(PAGE, script)}</script>\n`;
  const html = withPolicy(inlined.html, script, inlined.style);
  const at = html.lastIndexOf('</body>');
  if (at < 0) throw new Error('index.html has no </body>');
  return html.slice(0, at) + enclosed + html.slice(at);
}

/**
 * A module with all its imports as one classic script: on a page opened from a disk, Chromium starts no module from a blob. No files lie
 * beside such a page, so no address is derived from its own.
 * @param {string} site
 * @param {string} entry
 */
async function classic(site, entry) {
  const { outputFiles } = await build({
    absWorkingDir: path.resolve(site),
    entryPoints: [`./${entry}`],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    minifyWhitespace: true,
    write: false,
    logLevel: 'silent',
    define: { 'import.meta.url': '"about:blank"' },
  });
  return outputFiles[0].text;
}

/**
 * The page without addresses of other files.
 * @param {string} site
 * @param {string} html
 */
async function inline(site, html) {
  /** Files that are already inlined. */
  const used = new Set(['index.html']);
  const read = (/** @type {string} */ file) => {
    used.add(file);
    return readFile(path.join(site, file));
  };
  const data = async (/** @type {string} */ file) => `data:${mediaType(file)};base64,${(await read(file)).toString('base64')}`;
  /** @type {string[]} */
  const styles = [];
  let out = '';
  let done = 0;
  for (const match of html.matchAll(/<!--.*?-->|<section id="(?:from-disk|not-whole)".*?<\/section>\n?|<(link|script|img)\b[^>]*>(<\/script>)?\n?/gs)) {
    const [text, kind] = match;
    out += html.slice(done, match.index);
    done = match.index + text.length;
    const attribute = (/** @type {string} */ name) => new RegExp(` ${name}="([^"]*)"`).exec(text)?.[1] ?? '';
    const [rel, href, src] = [attribute('rel'), attribute('href'), attribute('src')];
    // Metadata that only makes sense for a page of many files.
    if (text.startsWith('<section')) continue;
    if (!kind) out += text;
    else if (kind === 'img') out += text.replace(src, await data(src));
    else if (kind === 'script' && (src === PAGE || src === FROM_DISK)) used.add(src);
    else if (rel === 'stylesheet' && !attribute('media')) styles.push(href);
    else if (rel === 'icon') out += text.replace(href, await data(href));
    else if (rel === 'manifest') for (const { src } of JSON.parse(String(await read(href))).icons ?? []) used.add(src);
    else if (['apple-touch-icon', 'modulepreload'].includes(rel)) continue;
    else throw new Error(`what becomes of ${text.trim()} in a single file is not known`);
  }
  out += html.slice(done);
  const { outputFiles, metafile } = await build({
    absWorkingDir: path.resolve(site),
    stdin: { contents: styles.map((file) => `@import "./${file}";`).join('\n'), loader: 'css', resolveDir: path.resolve(site) },
    bundle: true,
    charset: 'utf8',
    minifyWhitespace: true,
    loader: { '.svg': 'dataurl', '.png': 'dataurl' },
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  for (const file of Object.keys(metafile.inputs)) used.add(file);
  const style = `\n${outputFiles[0].text}`;
  return { html: out.replace('</head>', () => `<style>${inert('a style', style)}</style>\n</head>`), style, used };
}

/**
 * The page with a policy that allows its own parts by hash and no other address.
 * @param {string} html
 * @param {string} script
 * @param {string} style
 */
function withPolicy(html, script, style) {
  const hash = (/** @type {string} */ text) => `'sha256-${sha256(text, 'base64')}'`;
  /** Replacements for `'self'`. @type {Record<string, string>} */
  const own = { 'script-src': hash(script), 'style-src': hash(style), 'img-src': 'data:', 'connect-src': '', 'worker-src': '', 'manifest-src': '' };
  let isThere = false;
  const policy = html.replace(/(http-equiv="Content-Security-Policy" content=")([^"]*)"/, (_, begin, policy) => {
    isThere = true;
    const directives = policy.split('; ').flatMap((/** @type {string} */ directive) => {
      const [name, ...values] = directive.split(' ');
      if (!values.includes(`'self'`)) return directive;
      if (!(name in own)) throw new Error(`what becomes of ${directive} in a single file is not known`);
      const sources = values.map((value) => (value === `'self'` ? own[name] : value)).filter(Boolean);
      // A directive without sources falls back to default-src, which allows nothing.
      return sources.length > 0 ? [name, ...sources].join(' ') : [];
    });
    return `${begin}${directives.join('; ')}"`;
  });
  if (!isThere) throw new Error('index.html has no Content-Security-Policy');
  return policy;
}

/**
 * An element that www/reader/files.js opens. Text stays readable; everything else is compressed, JSON only if that makes it smaller.
 * @param {string} site
 * @param {string} file
 */
async function element(site, file) {
  const type = mediaType(file);
  const begin = `<script type="text/plain" id="file:${file}" data-type="${type}"`;
  if (file === WORKER) return `${begin}>${inert(file, await classic(site, file))}</script>\n`;
  // Starting a worker also asks for this text, which the worker's own script contains.
  if (file === `reader/${PROGRAM[0]}`) return `${begin}></script>\n`;
  const bytes = await readFile(path.join(site, file));
  const packed = gzipSync(bytes, { level: 9 }).toString('base64');
  const isText = type.startsWith('text/') || (type === 'application/json' && packed.length > bytes.length);
  if (isText) return `${begin}>${inert(file, bytes.toString())}</script>\n`;
  return `${begin} data-encoding="gzip base64">${packed}</script>\n`;
}

/** @param {string} file */
function mediaType(file) {
  return MEDIA_TYPES[/** @type {keyof typeof MEDIA_TYPES} */ (path.extname(file).slice(1))] ?? 'application/octet-stream';
}

/** Fails if the text contains the end of the element, or `<!--`, which could hide it. @param {string} what @param {string} text */
function inert(what, text) {
  const sign = /<!--|<\/(script|style)/i.exec(text);
  if (sign) throw new Error(`${what} holds ${sign[0]}, which cannot stand in HTML as it is`);
  return text;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { site: { type: 'string', default: 'dist' }, out: { type: 'string', default: 'dist/covid-classifier.html' } } });
  try {
    await buildSingle(values.site, values.out, parseLimit(await readFile(LIMIT, 'utf8')));
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
