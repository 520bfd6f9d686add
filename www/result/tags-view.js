// Shows the header of a DICOM file, which may name the patient. It is read when somebody opens the panel and dropped when the panel closes.
// Printed reports, exports and text copied from the page never contain it.

import { element } from '../ui/dom.js';
import { messages } from '../text/messages.js';

/**
 * @typedef {import('../report/types.js').DicomTag} DicomTag
 * @typedef {import('../report/types.js').Film} Film
 */

/**
 * @param {Film} film
 * @param {(film: Film) => Promise<DicomTag[]>} tagsOf reads them from the film's file
 */
export function tagsView(film, tagsOf) {
  const text = messages.tags;
  const place = element('div', { class: 'tags-body' });
  const panel = element('details', { class: 'tags' }, element('summary', {}, text.title), element('p', { class: 'tags-warning' }, text.warning), place);
  /** Counts openings and closings, so that a late answer to an earlier one is dropped. */
  let turn = 0;
  panel.addEventListener('toggle', () => {
    const mine = ++turn;
    place.replaceChildren();
    if (!panel.open) return;
    place.setAttribute('aria-busy', 'true');
    tagsOf(film)
      .then(table, () => element('p', {}, text.failed))
      .then((content) => {
        if (mine !== turn) return;
        place.setAttribute('aria-busy', 'false');
        place.replaceChildren(content);
      });
  });
  return panel;
}

/** @param {DicomTag[]} tags */
function table(tags) {
  const text = messages.tags;
  if (tags.length === 0) return element('p', {}, text.none);
  const heads = [text.tag, text.name, text.value].map((head) => element('th', { scope: 'col' }, head));
  const rows = tags.map(({ tag, name, value }) =>
    element('tr', {}, element('td', {}, element('code', {}, tag)), element('td', { lang: 'en' }, name), element('td', {}, value)),
  );
  return element(
    'div',
    { class: 'tags-table', role: 'region', tabindex: 0, 'aria-label': text.title },
    element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows)),
  );
}
