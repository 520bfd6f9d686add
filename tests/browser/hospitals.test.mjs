// Evidence from hospitals that the networks never saw, the worst first, and the answers to films for which the verdict has no class. The
// figures are made up and served in place of the model's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, check, films, open, settled, site, suite } from './support.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Awaited<ReturnType<typeof open>> | undefined} */
let visit;

suite();

const share = (/** @type {number} */ n, /** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) => ({ n, value, low, high });

/**
 * @param {string} id
 * @param {string} title
 * @param {number | null} namedCovid19
 * @param {Record<string, unknown>} [beyond]
 */
const hospital = (id, title, namedCovid19, beyond = {}) => ({
  id,
  title,
  kept: id.startsWith('external_') ? 'external' : 'left_out',
  patients: 321,
  beyond,
  normals_named_covid19: namedCovid19 === null ? null : share(283, namedCovid19, namedCovid19 / 2, namedCovid19 * 2),
  named: share(577, 0.71, 0.66, 0.75),
  right: namedCovid19 === null ? null : share(410, 0.93, 0.9, 0.96),
});

/** Shares of `n` films, given in hundredths. */
const said = (/** @type {number} */ n, /** @type {number[]} */ ...[normal, covid19, pneumonia, not_normal]) =>
  Object.fromEntries(Object.entries({ normal, covid19, pneumonia, not_normal }).map(([what, of]) => [what, share(n, of / 100, of / 200, of / 50)]));

/** In the laboratory's order: the worst first. */
const HOSPITALS = [
  hospital('siim', 'SIIM-FISABIO-RSNA, Spain and USA, read by a panel', 0.083),
  hospital('shenzhen', 'Shenzhen No. 3 Hospital, China', 0.06, { tuberculosis: said(336, 10, 5, 20, 40) }),
  hospital('external_montgomery', 'Montgomery County, USA (external)', 0.04, { tuberculosis: said(58, 10, 5, 17, 34) }),
  hospital('nih2', 'NIH ChestX-ray14, USA, other patients, adults', 0.03, { other: said(930, 27, 2, 10, 32) }),
  hospital('external_peru', 'a hospital in Peru (external)', 0.02),
  hospital('kermany', 'Kermany et al., Guangzhou, children of 1 to 5', 0.01),
  hospital('cxnet', 'COVID-CXNet, from publications', null),
  // Nothing was measured there.
  { ...hospital('void', 'Nowhere', null), named: null },
];

/** Serves the model's metrics with these hospitals. @param {unknown[] | undefined} hospitals */
function serve(hospitals) {
  site.change['models/evidence.json'] = (bytes) => {
    const metrics = JSON.parse(bytes.toString());
    metrics.verdict.hospitals = hospitals;
    return { type: 'application/json', body: JSON.stringify(metrics) };
  };
}

/** @param {Parameters<typeof open>[2]} [options] */
async function read(options) {
  visit = await open(browser, site, options);
  await visit.page.locator('#file').setInputFiles(films.judged);
  await settled(visit.page, 'done');
  return visit.page;
}

/** @param {Page} page @param {string} selector @param {string} attribute */
const all = (page, selector, attribute) =>
  page.locator(selector).evaluateAll((nodes, attribute) => nodes.map((node) => node.getAttribute(attribute)), attribute);

test('the hospitals come before all other evidence, in the order of the file, four of them at once', async () => {
  serve(HOSPITALS);
  const page = await read();
  const ids = await all(page, '.evidence [data-hospital]', 'data-hospital');
  assert.deepEqual(ids, ['siim', 'shenzhen', 'external_montgomery', 'nih2', 'external_peru', 'kermany', 'cxnet']);
  assert.deepEqual(
    await page.locator('.evidence [data-hospital]').evaluateAll((rows) => rows.map((row) => /** @type {HTMLElement} */ (row).checkVisibility())),
    [true, true, true, true, false, false, false],
  );
  const isFirst = await page.evaluate(() => {
    const [hospital, figure] = ['[data-hospital]', '[data-figure]'].map((kind) => /** @type {Element} */ (document.querySelector(`.evidence ${kind}`)));
    return Boolean(hospital.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING);
  });
  assert.ok(isFirst, 'the hospitals stand before the present rows');
  const summary = page.locator('.evidence summary');
  assert.equal(await summary.innerText(), '3 more hospitals');
  await summary.click();
  await page.locator('.evidence [data-hospital="kermany"]').waitFor();
});

test('each figure has its films and its interval', async () => {
  serve(HOSPITALS);
  const page = await read();
  const cells = page.locator('.evidence [data-hospital="siim"] td');
  assert.deepEqual(await all(page, '.evidence [data-hospital="siim"] td', 'data-measure'), ['normals_named_covid19', 'right', 'named']);
  assert.deepEqual(await cells.evaluateAll((all) => all.map((cell) => /** @type {HTMLElement} */ (cell).innerText)), [
    '8\u202f%\n4 to 17\u202f%\nn = 283',
    '93\u202f%\n90 to 96\u202f%\nn = 410',
    '71\u202f%\n66 to 75\u202f%\nn = 577',
  ]);
  assert.equal(await cells.first().getAttribute('data-value'), '0.083');
  assert.equal(
    await page.locator('.evidence [data-hospital="siim"] th').innerText(),
    'SIIM-FISABIO-RSNA, Spain and USA, read by a panel\nleft out, 321 patients',
  );
  assert.equal(await page.locator('.evidence [data-hospital="external_montgomery"] th').innerText(), 'Montgomery County, USA\nexternal, 321 patients');
  await page.locator('.evidence summary').click();
  assert.equal(await page.locator('.evidence [data-hospital="cxnet"] td').first().innerText(), '–');
});

test('what it does not know stands beside the result, with what was said of such films', async () => {
  serve(HOSPITALS);
  const page = await read();
  const unknown = page.locator('.answers .unknown');
  assert.match(await unknown.innerText(), /Tuberculosis, effusion, heart failure and nodules are not among its answers/);
  assert.deepEqual(await all(page, '.unknown li', 'data-n'), ['336', '58', '930']);
  assert.equal(
    await unknown.locator('[data-hospital="external_montgomery"]').innerText(),
    'Of 58 films with tuberculosis (Montgomery County, USA; external), 10\u202f% (5 to 20\u202f%) were called normal, 5\u202f% (3 to 10\u202f%) COVID-19, 17\u202f% (9 to 34\u202f%) another pneumonia, and 34\u202f% (17 to 68\u202f%) not normal without a class.',
  );
  assert.match(await unknown.locator('[data-unknown="other"]').innerText(), /^Of 930 films with other findings \(NIH/);
});

test('metrics without hospitals have the present rows, and what it does not know without figures', async () => {
  for (const hospitals of [undefined, []]) {
    serve(hospitals);
    const page = await read();
    assert.equal(await page.locator('.hospitals, .evidence details, .unknown li').count(), 0);
    assert.ok((await page.locator('.evidence [data-figure]').count()) >= 4);
    assert.match(await page.locator('.unknown').innerText(), /not among its answers/);
    await visit?.close();
  }
});

test('the printed sheet has the worst hospital before the other figures', async () => {
  serve(HOSPITALS);
  const page = await read();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const heads = await page
    .locator('#sheet table')
    .last()
    .locator('tbody th')
    .evaluateAll((all) => all.map((head) => head.textContent));
  assert.deepEqual(
    heads.slice(0, 2).map((head) => head?.replaceAll('\u00ad', '').slice(0, 20)),
    ['Normal films for whi', 'Right, where somethi'],
  );
  assert.match(heads[0] ?? '', /SIIM-FISABIO-RSNA/);
});

for (const [lang, name, others, sentence] of [
  ['en', 'SIIM-FISABIO-RSNA, Spain and USA, read by a panel', '3 more hospitals', /are not among its answers/],
  ['de', 'SIIM-FISABIO-RSNA, Spanien und USA, von einem Gremium befundet', '3 weitere Krankenhäuser', /gehören nicht zu seinen Antworten/],
]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`nothing is cut off or hard to reach, at 390 and 1280 px: ${lang}, ${colorScheme}`, async () => {
      serve(HOSPITALS);
      for (const width of [1280, 390]) {
        const page = await read({ query: `?lang=${lang}`, context: { viewport: { width, height: 900 }, colorScheme } });
        assert.ok((await page.locator('.evidence [data-hospital="siim"] th').innerText()).startsWith(String(name)));
        assert.equal(await page.locator('.evidence summary').innerText(), others);
        assert.match(await page.locator('.unknown').innerText(), /** @type {RegExp} */ (sentence));
        await page.locator('.evidence summary').click();
        await check(page, `hospitals-${lang}-${width}-${colorScheme}`);
        const cut = await page
          .locator('.hospitals')
          .evaluateAll((tables) => tables.filter((table) => table.scrollWidth > /** @type {HTMLElement} */ (table.parentElement).clientWidth).length);
        assert.equal(cut, 0);
        await visit?.close();
      }
    });
  }
}
