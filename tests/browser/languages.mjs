// The languages of the page other than English, with facts that the tests need. A new language needs an entry here: the suites go through
// all of them.

import { detailInGerman } from '../../www/text/details-de.js';
import { detailInSpanish } from '../../www/text/details-es.js';
import { german } from '../../www/text/de.js';
import { english } from '../../www/text/en.js';
import { spanish } from '../../www/text/es.js';
import { LANGUAGES } from '../../www/text/language.js';

/** @typedef {Exclude<import('../../www/text/language.js').Language, 'en'>} Other */

/**
 * @typedef {object} Facts
 * @property {typeof english} catalogue
 * @property {(message: string) => string | null} detail
 * @property {string} locale a browser's, of this language
 * @property {string[]} same texts that are the same as in English
 * @property {RegExp[]} wrong patterns that no literal of its catalogue may match: quotes, dashes and spaces of other languages
 * @property {string} copied a sentence of index.html about pages without JavaScript has these words
 * @property {string} disk the page says so where it was opened from a disk
 * @property {Record<string, string>} features how two measurements are written
 * @property {[words: string, expected: RegExp][]} details of failures
 * @property {RegExp} printed the date on paper
 * @property {[set: string[], said: RegExp][]} sets what is said of classes that cannot be told apart
 * @property {[file: string, label: string, patient: string]} columns of a table of labels
 * @property {[spelling: string, meaning: 'covid19' | 'normal' | 'pneumonia' | null][]} labels what is suggested for them; null above all where
 * COVID-19 is denied
 */

/** @type {Record<Other, Facts>} */
export const OTHERS = {
  de: {
    catalogue: german,
    detail: detailInGerman,
    locale: 'de-AT',
    same: ['Arrow', 'Auto', 'B minus A', 'Format', 'Maximum', 'Median', 'Minimum', 'Name', 'Wavelet'],
    wrong: [/[“”]\p{L}/u, /\p{L}”/u, /[«»]/, /\p{L} - /u, /\p{L}…/u],
    copied: 'hier abgeschaltet',
    disk: 'Diese Seite wurde von einem Datenträger geöffnet',
    features: { wavelet_ch1_entropy: 'cH1, Entropie', texture_image_mean_absolute_deviation: 'mittlere absolute Abweichung' },
    details: [
      ['the JPEG 2000 picture is damaged or cut short: copy or export the film again', /^Das JPEG-2000-Bild ist beschädigt oder abgeschnitten\.$/],
      ['the TIFF is damaged or cut short (its head is missing): copy or export the film again', /^Das TIFF .*: Der Kopf fehlt\.$/],
      ['the DICOM file is damaged: its picture is empty; copy or export the film again', /^Die DICOM-Datei ist beschädigt: Ihr Bild ist leer\.$/],
      ['the image has 20 × 30 pixels; each side must have at least 32: export the film at its original size', /20 × 30 Pixel.*mindestens 32/],
      ['the image has 16 × 70000 pixels, more than 65535 along a side: export it smaller', /16 × 70000 Pixel.*65535/],
      ['250.0\u202fMB; this page takes files up to 200.0\u202fMB.', /^250,0\u202fMB; .* bis 200,0\u202fMB\.$/],
      ['Of the archive: its checksum is another.', /^Zum Archiv: Die Prüfsumme ist eine andere\.$/],
      ['films[0].report.verdict is not a text', /^films\[0\]\.report\.verdict ist nicht ein Text\.$/],
      ['models/convnet.safetensors: 404 Not Found', /antwortet mit 404\.$/],
    ],
    printed: /Gedruckt am \d+\. \p{L}+ \d{4}/u,
    sets: [
      [['pneumonia', 'covid19'], /^COVID-19 und eine andere Pneumonie lassen sich bei dieser Aufnahme nicht unterscheiden\.$/],
      [['covid19', 'normal'], /^Es lässt sich nicht sagen, ob diese Aufnahme normal ist oder COVID-19 zeigt\.$/],
      [['normal', 'pneumonia'], /^Es lässt sich nicht sagen, ob diese Aufnahme normal ist oder eine andere Pneumonie als COVID-19 zeigt\.$/],
      [['normal', 'pneumonia', 'covid19'], /^Es lässt sich nicht sagen, ob diese Aufnahme normal ist oder COVID-19 oder eine andere Pneumonie zeigt\.$/],
    ],
    columns: ['Dateiname', 'Befund', 'Patientennummer'],
    labels: [
      ['COVID nicht nachgewiesen', null],
      ['kein COVID', null],
      ['COVID ohne Pneumonie', null],
      ['unauffällig', 'normal'],
      ['Lungenentzündung', 'pneumonia'],
    ],
  },
  es: {
    catalogue: spanish,
    detail: detailInSpanish,
    locale: 'es-MX',
    same: ['Ctrl', 'Ctrl V', 'Ctrl P', 'Ctrl /', 'Hospital', 'no'],
    wrong: [/[“”„]/, /\p{L} - /u, /\s…/, /^[^¿]*\p{L}\?(?!\.)/u],
    copied: 'Ambos están desactivados',
    disk: 'Esta página se ha abierto desde un disco',
    features: { wavelet_ch1_entropy: 'cH1, entropía', texture_image_mean_absolute_deviation: 'desviación absoluta media' },
    details: [
      ['the JPEG 2000 picture is damaged or cut short: copy or export the film again', /^La imagen JPEG 2000 está dañada o incompleta\.$/],
      ['the TIFF is damaged or cut short (its head is missing): copy or export the film again', /^El TIFF está dañado o incompleto: falta la cabecera\.$/],
      ['the DICOM file is damaged: its picture is empty; copy or export the film again', /^El archivo DICOM está dañado: su imagen está vacía\.$/],
      ['the image has 20 × 30 pixels; each side must have at least 32: export the film at its original size', /20 × 30 píxeles.*al menos 32/],
      ['the image has 16 × 70000 pixels, more than 65535 along a side: export it smaller', /16 × 70000 píxeles.*65535/],
      ['250.0\u202fMB; this page takes files up to 200.0\u202fMB.', /^250,0\u202fMB; .* hasta 200,0\u202fMB\.$/],
      ['Of the archive: its checksum is another.', /^Sobre el archivo ZIP: la suma de verificación no coincide\.$/],
      ['films[0].report.verdict is not a text', /^films\[0\]\.report\.verdict no es un texto\.$/],
      ['models/convnet.safetensors: 404 Not Found', /responde 404\.$/],
    ],
    printed: /Impreso el \d+ de \p{L}+ de \d{4}/u,
    sets: [
      [['pneumonia', 'covid19'], /^En esta radiografía no se puede distinguir entre COVID-19 y otra neumonía\.$/],
      [['covid19', 'normal'], /^No se puede decir si esta radiografía es normal o muestra COVID-19\.$/],
      [['normal', 'pneumonia'], /^No se puede decir si esta radiografía es normal o muestra una neumonía distinta de la COVID-19\.$/],
      [['normal', 'pneumonia', 'covid19'], /^No se puede decir si esta radiografía es normal o muestra COVID-19 u otra neumonía\.$/],
    ],
    columns: ['archivo', 'diagnóstico', 'paciente'],
    labels: [
      ['COVID no detectado', null],
      ['sin COVID', null],
      ['COVID descartado', null],
      ['sin hallazgos', 'normal'],
      ['neumonía bacteriana', 'pneumonia'],
    ],
  },
};

export const OTHER_CODES = /** @type {Other[]} */ (Object.keys(OTHERS));

/** Every catalogue by its code. @type {Record<import('../../www/text/language.js').Language, typeof english>} */
export const CATALOGUES = {
  en: english,
  .../** @type {Record<Other, typeof english>} */ (Object.fromEntries(OTHER_CODES.map((code) => [code, OTHERS[code].catalogue]))),
};

/** Texts that are the same in every language: names, units, keys and numbers. */
const SAME = new Set([
  ...Object.values(LANGUAGES),
  ...['1:1', 'AUC:', 'BMP', 'COVID-19', 'COVID-Classifier', 'CSV', 'Esc', 'Fourier', 'JPEG', 'Normal', 'SHA-256', 'Tab', 'WebAssembly SIMD', 'WebGPU'],
]);

/** Words that no sentence of another language has. */
export const ENGLISH = /(?<![\p{L}\d])(the|and|of|is|are|not|with|this|that|film|films|reader|readers|read|on|to|by|from|for|lungs|mean)(?![\p{L}\d])/iu;

/**
 * Whether a text may be the same in both languages. A whole number with its unit may, as when two readings took equally long.
 * @param {string} text
 * @param {Other} code
 */
export const isNeutral = (text, code) =>
  SAME.has(text) ||
  OTHERS[code].same.includes(text) ||
  !/\p{L}{2}/u.test(text) ||
  /^\d+\s(ms|px|[kM]B)$/.test(text) ||
  /^Model \d+\.\d+\.\d+$/.test(text) ||
  /^(phantom|broken|synthet)\S*$/.test(text) ||
  /^[0-9a-f]{64}$/.test(text) ||
  /^\S+\.(js|wasm|json|css|safetensors|png|svg)$/.test(text);
