// Every sentence that the page writes, in German. The shape is that of en.js; the type sees to it that nothing is missing.
// What Rust says in English is said again here by its kind, with the numbers of the report; what has no kind here stays English.

import { detailInGerman } from './details-de.js';
import { cutShares, mostProbable } from '../report/film-facts.js';
import { duration, grouped, percent, percentInterval, score, scoreInterval } from './format.js';

/**
 * @typedef {import('../report/types.js').Estimate} Estimate
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Report} Report
 */

/** @type {Record<string, string>} */
const labels = { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Pneumonie' };

/** The classes within a sentence. @type {Record<string, string>} */
const answers = { covid19: 'COVID-19', normal: 'Normalbefund', pneumonia: 'Pneumonie' };

/** Films of a class, in the plural. @type {Record<string, string>} */
const filmsOf = { covid19: 'COVID-19-Aufnahmen', normal: 'Normalbefunde', pneumonia: 'Pneumonie-Aufnahmen' };

/** The same in the dative. @type {Record<string, string>} */
const filmsDative = { ...filmsOf, normal: 'Normalbefunden' };

/** @type {Record<string, string>} */
const blocks = {
  texture: 'Textur',
  fourier: 'Fourier',
  wavelet: 'Wavelet',
  gray_level_difference: 'Grauwert\u00addifferenz',
  cooccurrence: 'Grauwert\u00adpaare',
};

/** @type {Record<string, string>} */
const blockMeanings = {
  texture: 'die Grauwerte selbst',
  fourier: 'feine und grobe Muster',
  wavelet: 'Kanten in zwei Größenstufen',
  gray_level_difference: 'Kontrast über zehn Pixel',
  cooccurrence: 'welche Grauwerte benach\u00adbart sind',
};

/** @type {Record<string, string>} */
const statistics = {
  sum: 'Summe',
  mean: 'Mittelwert',
  standard_deviation: 'Standard\u00adabweichung',
  skewness: 'Schiefe',
  kurtosis: 'Kurtosis',
  energy: 'Energie',
  entropy: 'Entropie',
  maximum: 'Maximum',
  mean_absolute_deviation: 'mittlere absolute Abweichung',
  median: 'Median',
  minimum: 'Minimum',
  range: 'Spannweite',
  root_mean_squared: 'quadratisches Mittel',
  uniformity: 'Uniformität',
};

/** What the statistic is of. @type {Record<string, string>} */
const places = { image: '', magnitude: 'Betrag', right: 'nach rechts', down: 'nach unten', up_right: 'nach rechts oben', up_left: 'nach links oben' };

/** @type {Record<string, string>} */
const failures = {
  empty: 'Die Datei ist leer. Bitte neu holen oder neu exportieren.',
  unsupported_format:
    'Dieses Bild kann die Seite nicht lesen. Sie liest DICOM, PNG, JPEG, JPEG 2000, WebP, BMP und TIFF; es zählt der Inhalt, nicht der Name. Bitte die Aufnahme in einem dieser Formate exportieren.',
  decode: 'Die Datei beginnt wie ein Bild, ist dann aber beschädigt oder abgeschnitten. Bitte neu holen oder neu exportieren.',
  too_large: 'Das Bild ist größer, als diese Seite es liest: mehr als 64 Millionen Pixel oder mehr als 65.535 an einer Seite. Bitte kleiner exportieren.',
  too_small: 'Das Bild ist für eine Thoraxaufnahme zu klein. Bitte die Aufnahme in voller Größe exportieren.',
  model: 'Das Modell hat sie nicht angenommen.',
  dataset: 'Die Liste der Aufnahmen hat nicht die erwartete Form.',
  io: 'Das Betriebssystem konnte die Datei nicht lesen.',
  internal: 'Bei dieser Aufnahme trat ein Fehler im Programm selbst auf. Bitte neu als PNG exportieren.',
  unreadable: 'Der Browser konnte die Datei nicht lesen. Vielleicht ist sie ein Ordner, oder sie wurde inzwischen verschoben oder gelöscht.',
  too_many_bytes: 'Die Datei ist für eine Aufnahme zu groß. Bitte die Aufnahme als PNG exportieren.',
  zip_damaged: 'Dieser Teil eines ZIP-Archivs ist beschädigt. Bitte die Aufnahmen neu packen oder entpackt ablegen.',
  zip_encrypted: 'Dieser Teil eines ZIP-Archivs ist mit einem Kennwort geschützt. Bitte das Archiv entpacken und die Aufnahmen ablegen.',
  zip_method: 'Dieser Teil eines ZIP-Archivs ist auf eine Weise gepackt, die diese Seite nicht kennt. Bitte das Archiv entpacken und die Aufnahmen ablegen.',
  zip_limit: 'Das ZIP-Archiv enthält mehr, als diese Seite entpackt. Bitte das Archiv entpacken und die Aufnahmen ablegen.',
  crashed: 'Die Auswertung ist bei dieser Aufnahme abgebrochen. Sie ist neu gestartet: Bitte noch einmal versuchen oder die Aufnahme neu als PNG exportieren.',
  memory:
    'Der Browser hat zu wenig Arbeitsspeicher gegeben, um diese Aufnahme auszuwerten. Bitte andere Tabs und Programme schließen und es noch einmal versuchen, oder die Aufnahme kleiner exportieren.',
  import_damaged: 'Das sind Ergebnisse dieser Seite, aber die Datei ist beschädigt oder wurde verändert. Nichts davon wurde übernommen.',
  import_schema: 'Das sind Ergebnisse einer anderen Version dieser Seite, die diese hier nicht kennt. Nichts davon wurde übernommen.',
  import_foreign: 'Das ist eine JSON-Datei, aber keine mit Ergebnissen, die diese Seite exportiert hat.',
  label_columns:
    'Diese Tabelle sagt nicht, was Aufnahmen zeigen. Benennen Sie in der ersten Zeile ihre Spalten: file (oder path) und label. Eine Ergebnistabelle, die diese Seite exportiert hat, ist dafür nicht geeignet.',
  not_read: 'Beim Export der Ergebnisse war sie noch nicht ausgewertet, und Aufnahmen sind nicht Teil eines Exports.',
};

/** @type {Record<string, string>} */
const failuresShort = {
  empty: 'Datei leer',
  unsupported_format: 'Fremdes Format',
  decode: 'Bild beschädigt',
  too_large: 'Bild zu groß',
  too_small: 'Bild zu klein',
  unreadable: 'Datei nicht lesbar',
  too_many_bytes: 'Datei zu groß',
  zip_damaged: 'Archiv beschädigt',
  zip_encrypted: 'Mit Kennwort',
  zip_method: 'Fremdes Archiv',
  zip_limit: 'Archiv zu groß',
  internal: 'Programm­fehler',
  crashed: 'Programm abgestürzt',
  memory: 'Zu wenig Speicher',
  import_damaged: 'Ergebnisse beschädigt',
  import_schema: 'Aus anderer Version',
  import_foreign: 'Fremde JSON-Datei',
  label_columns: 'Tabelle ohne Labels',
  not_read: 'Nicht ausgewertet',
};

/** @type {Record<string, string>} */
const verdictsShort = { not_normal: 'Nicht normal', uncertain: 'Unklar', refused: 'Nicht beurteilt' };

/** @type {Record<string, string>} */
const starts = {
  fetch: 'Eine Datei dieser Seite ließ sich nicht laden. Bitte das Netz prüfen und es noch einmal versuchen.',
  worker: 'Der Browser hat den Hintergrundprozess nicht gestartet. Bitte die Seite neu laden; wenn das nicht hilft, einen anderen Browser verwenden.',
  wasm: 'Der Browser hat das WebAssembly-Programm nicht gestartet: Vielleicht ist es beschädigt. Bitte noch einmal versuchen; wenn das nicht hilft, einen anderen Browser verwenden.',
  memory: 'Der Browser hat dieser Seite zu wenig Arbeitsspeicher gegeben. Bitte andere Tabs und Programme schließen und es noch einmal versuchen.',
  model: 'Die Modelldateien passen nicht zum Programm. Vielleicht stammen sie aus zwei Versionen dieser Seite; dann hilft es, sie neu zu laden.',
};

/** @type {Record<import('../report/report.js').Backend, string> & Record<string, string>} */
const backends = { webgpu: 'WebGPU', simd: 'WebAssembly SIMD', candle: 'candle' };

/** @type {Record<string, string>} */
const outcomes = { chosen: 'gewählt', failed: 'fehlgeschlagen', passed_over: 'übergangen', lost: 'verloren' };

/** @type {Record<import('../report/report.js').Color, string> & Record<string, string>} */
const colors = { gray8: '8 Bit Graustufen', gray16: '16 Bit Graustufen', color8: '8 Bit Farbe', color16: '16 Bit Farbe' };

/** @type {Record<import('../report/report.js').Format, string> & Record<string, string>} */
const formats = {
  png: 'PNG',
  jpeg: 'JPEG',
  webp: 'WebP',
  bmp: 'BMP',
  tiff: 'TIFF',
  dicom: 'DICOM',
  jpeg2000: 'JPEG 2000',
  jpeg_ls: 'JPEG-LS',
  gif: 'GIF',
  avif: 'AVIF',
  heic: 'HEIC',
  jpeg_xl: 'JPEG XL',
};

/** What a file is that is not read, by Rust's words for it. @type {Record<string, string>} */
const kinds = {
  'not an image': 'kein Bild',
  'a JPEG XR picture': 'ein JPEG-XR-Bild',
  'a Photoshop document': 'ein Photoshop-Dokument',
  'a GIMP picture': 'ein GIMP-Bild',
  'an OpenEXR picture': 'ein OpenEXR-Bild',
  'a Radiance picture': 'ein Radiance-Bild',
  'a QOI picture': 'ein QOI-Bild',
  'a farbfeld picture': 'ein farbfeld-Bild',
  'a DDS texture': 'eine DDS-Textur',
  'an icon': 'ein Symbolbild',
  'an MNG animation': 'eine MNG-Animation',
  'a JNG picture': 'ein JNG-Bild',
  'a FITS picture': 'ein FITS-Bild',
  'a DjVu document': 'ein DjVu-Dokument',
  'a PFM picture': 'ein PFM-Bild',
  'an SGI picture': 'ein SGI-Bild',
  'a PCX picture': 'ein PCX-Bild',
  'a TGA picture': 'ein TGA-Bild',
  'a PostScript document': 'ein PostScript-Dokument',
  'an HDF5 file': 'eine HDF5-Datei',
  'a PGM picture': 'ein PGM-Bild',
  'a PPM picture': 'ein PPM-Bild',
  'a PAM picture': 'ein PAM-Bild',
  'an NRRD volume': 'ein NRRD-Volumen',
  'a NIfTI volume': 'ein NIfTI-Volumen',
  'an SVG drawing': 'eine SVG-Zeichnung',
  'a NumPy array': 'ein NumPy-Feld',
  'a PDF document': 'ein PDF-Dokument',
  'a ZIP archive or an Office document': 'ein ZIP-Archiv oder ein Office-Dokument',
  'a file packed by gzip': 'eine mit gzip gepackte Datei',
  'a file packed by compress': 'eine mit compress gepackte Datei',
  'a file packed by xz': 'eine mit xz gepackte Datei',
  'a file packed by bzip2': 'eine mit bzip2 gepackte Datei',
  'a file packed by Zstandard': 'eine mit Zstandard gepackte Datei',
  'a file packed by LZ4': 'eine mit LZ4 gepackte Datei',
  'a file packed by lzip': 'eine mit lzip gepackte Datei',
  'a tar archive': 'ein tar-Archiv',
  'a cabinet archive (CAB)': 'ein CAB-Archiv',
  'an ARJ archive': 'ein ARJ-Archiv',
  'an LHA archive': 'ein LHA-Archiv',
  'a XAR archive': 'ein XAR-Archiv',
  'a StuffIt archive': 'ein StuffIt-Archiv',
  'an image of a CD (ISO)': 'das Abbild einer CD (ISO)',
  'a 7-Zip archive': 'ein 7-Zip-Archiv',
  'a RAR archive': 'ein RAR-Archiv',
  'an Office document': 'ein Office-Dokument',
  'a video': 'ein Video',
  'a PDF document in a DICOM file': 'ein PDF-Dokument in einer DICOM-Datei',
  'a CDA document in a DICOM file': 'ein CDA-Dokument in einer DICOM-Datei',
  'a surface model in a DICOM file': 'ein Oberflächenmodell in einer DICOM-Datei',
  'DICOM raw data': 'eine DICOM-Datei mit Rohdaten',
  'a DICOM surface segmentation': 'eine Oberflächensegmentierung (DICOM)',
  'a DICOM key object selection': 'eine Auswahl wichtiger Bilder (DICOM)',
  'a DICOM radiation dose report': 'ein Dosisbericht (DICOM)',
  'a DICOM waveform': 'eine Signalkurve (DICOM)',
  'a DICOM structured report': 'ein strukturierter Befund (DICOM)',
  'a DICOM presentation state': 'eine Darstellungsvorgabe (DICOM)',
  'a DICOM file of radiotherapy': 'eine DICOM-Datei der Strahlentherapie',
  'a DICOM file without a picture': 'eine DICOM-Datei ohne Bild',
};

/** What Rust says of a file that it does not read, and the same in German; the name of its kind is what the parentheses hold. @type {[RegExp, (kind: string) => string][]} */
const unread = [
  [
    /^this is the index of a CD/,
    () =>
      'Das ist das Inhaltsverzeichnis einer CD oder eines Speichersticks (DICOMDIR), keine Aufnahme. Bitte die Dateien daneben oder den ganzen Ordner ablegen.',
  ],
  [/^this is (.+): open the file that has the film$/, (kind) => `Das ist ${kind}. Bitte die Datei mit der Aufnahme ablegen.`],
  [
    /^this is (.+), which is not read: export/,
    (kind) => `Das ist ${kind} und wird nicht gelesen. Bitte die Aufnahme als PNG oder als TIFF mit 16 Bit Graustufen exportieren.`,
  ],
  [/^this is (.+), which is not unpacked here/, (kind) => `Das ist ${kind}. Bitte selbst entpacken und die Aufnahmen daraus ablegen.`],
  [
    /^this is (.+?); /,
    (kind) => `Das ist ${kind}. Gelesen werden DICOM, PNG, JPEG, JPEG 2000, WebP, BMP und TIFF: Bitte die Aufnahme in einem dieser Formate exportieren.`,
  ],
];

/** Kinds within a format that is read. @type {[RegExp, string][]} */
const unreadKinds = [
  [/^this DICOM film is not read/, 'Diese DICOM-Aufnahme ist auf eine Weise gespeichert, die nicht gelesen wird. Bitte als PNG exportieren.'],
  [
    /^this TIFF has/,
    'Dieses TIFF ist auf eine Weise gespeichert, die nicht gelesen wird. Bitte die Aufnahme als TIFF mit 16 Bit Graustufen oder als PNG exportieren.',
  ],
  [
    /^this kind of (?!DICOM)|is not read: export/,
    'Bilder dieser Art werden nicht gelesen. Bitte die Aufnahme als PNG oder als TIFF mit 16 Bit Graustufen exportieren.',
  ],
];

/** Rust's sentence in German, where it is known; else null. @param {string} message */
function told(message) {
  for (const [pattern, german] of unread) {
    const match = pattern.exec(message);
    const kind = match?.[1] === undefined ? '' : kinds[match[1]];
    if (match && kind !== undefined) return german(kind);
  }
  return null;
}

/** @param {import('../report/types.js').Failure} failure */
function failedSentence({ kind, message, format }) {
  if (format)
    return `Das ist ein Bild im Format ${formats[format] ?? format}, das weder diese Seite noch dieser Browser lesen kann. Bitte die Aufnahme als JPEG oder PNG exportieren.`;
  if (kind === 'unsupported_format') return told(message) ?? unreadKinds.find(([pattern]) => pattern.test(message))?.[1] ?? failures.unsupported_format;
  return failures[kind] ?? '';
}

/** Why the gate refuses, or no class is named. @type {Record<import('../report/types.js').ReasonKind, (report: Report) => string | null>} */
const reasons = {
  no_lungs: () => 'In diesem Bild wurde keine Lunge gefunden. Bitte eine frontale Thoraxaufnahme ablegen oder das Bild auf die Aufnahme zuschneiden.',
  unlike_training_films: () =>
    'Was das Faltungsnetz hier sieht, ähnelt keiner der Aufnahmen, an denen es gelernt hat. Bitte die Aufnahme neu exportieren, unbearbeitet, als DICOM oder als PNG mit 16 Bit.',
  upside_down: () => 'Diese Aufnahme scheint auf dem Kopf zu stehen. Bitte gedreht auswerten.',
  sideways: () => 'Diese Aufnahme scheint auf der Seite zu liegen. Bitte gedreht auswerten.',
  inverted: () => 'Diese Aufnahme scheint invertiert zu sein: hell, wo sie dunkel sein müsste. Bitte umgekehrt auswerten.',
  cropped: () => 'Das scheint nur ein Ausschnitt einer Thoraxaufnahme zu sein; beide Lungen müssen zu sehen sein. Bitte die ganze Aufnahme ablegen.',
  squeezed: () =>
    'Dieses Bild hat nicht die Proportionen einer frontalen Aufnahme; seitliche Aufnahmen werden nicht beurteilt. Bitte die frontale Aufnahme in ihren eigenen Proportionen ablegen.',
  not_a_chest_film: () => 'Das sieht nicht wie eine frontale Thoraxaufnahme aus. Bitte eine solche ablegen oder das Bild auf die Aufnahme zuschneiden.',
  color_overlay: () => 'Über dieser Aufnahme liegt Farbe, etwa eine Heatmap oder Falschfarben. Bitte die Aufnahme ohne Farbe ablegen.',
  several_films: () => 'Auf diesem Bild liegen mehrere Aufnahmen. Bitte jede einzeln ablegen.',
  crop_to_film: () => 'Dieses Bild enthält mehr als eine Aufnahme oder gar keine. Bitte auf die Aufnahme zuschneiden.',
  empty_set: () => 'Keine Klasse ist wahrscheinlich genug, um genannt zu werden.',
  several_classes: ({ prediction_set }) => {
    const has = (/** @type {Label} */ label) => prediction_set?.includes(label);
    const [covid19, pneumonia] = [has('covid19'), has('pneumonia')];
    if (!covid19 && !pneumonia) return null;
    if (!has('normal')) return 'COVID-19 und eine andere Pneumonie lassen sich bei dieser Aufnahme nicht unterscheiden.';
    const shown = !covid19 ? 'eine andere Pneumonie als COVID-19' : pneumonia ? 'COVID-19 oder eine andere Pneumonie' : 'COVID-19';
    return `Es lässt sich nicht sagen, ob diese Aufnahme normal ist oder ${shown} zeigt.`;
  },
  readers_contradict: () => 'Die beiden Verfahren widersprechen einander bei dieser Aufnahme stark.',
  doubtful_film: () => 'Diese Aufnahme liegt an der Grenze dessen, was als frontale Thoraxaufnahme gilt.',
  enhanced: () =>
    'Der Kontrast dieser Aufnahme scheint örtlich verstärkt zu sein; dadurch sehen normale Aufnahmen nach COVID-19 aus. COVID-19 wird hier darum nicht genannt. Bitte die Aufnahme ohne Verstärkung exportieren.',
};

/** The pixels of the film, which may be a part of the picture. @param {Report} report */
function filmSize({ film, frame }) {
  if (!film) return null;
  return { width: Math.round((frame?.width ?? 1) * film.width_px), height: Math.round((frame?.height ?? 1) * film.height_px) };
}

/** What a DICOM film is, by Rust's words for its Modality. @type {Record<string, string>} */
const modalities = {
  'a CT': 'ein CT',
  'an MRI': 'ein MRT',
  'an ultrasound picture': 'ein Ultraschallbild',
  'a mammogram': 'eine Mammographie',
  'a nuclear medicine picture': 'ein Bild der Nuklearmedizin',
  fluoroscopy: 'eine Durchleuchtung',
  'an angiogram': 'eine Angiographie',
  'a dental X-ray': 'eine Zahnaufnahme',
  'a bone density measurement': 'eine Knochendichtemessung',
  'a picture of radiotherapy': 'ein Bild der Strahlentherapie',
  'a picture of a screen': 'die Kopie eines Bildschirms',
  'a segmentation': 'eine Segmentierung',
  'an ECG': 'ein EKG',
  'a document': 'ein Dokument',
  "a photograph or a microscope's picture": 'ein Foto oder Mikroskopbild',
};

/** @type {Record<import('../report/types.js').WarningKind, (report: Report, message: string) => string | null>} */
const warnings = {
  flat: () => 'Alle Pixel dieser Aufnahme sind gleich; da gibt es nichts auszuwerten.',
  upscaled(report) {
    const film = filmSize(report);
    if (!film) return null;
    const size = `${film.width} × ${film.height}`;
    return `Diese Aufnahme hat ${size} Pixel und wurde auf 512 × 512 vergrößert. Das Texturverfahren misst die Auflösung mit: Auf sein Ergebnis bei vergrößerten Aufnahmen ist kein Verlass.`;
  },
  aspect_ratio: (report) => {
    const film = filmSize(report);
    if (!film) return null;
    const ratio = Math.max(film.width, film.height) / Math.min(film.width, film.height);
    return `Die längere Seite dieser Aufnahme ist ${comma(ratio.toFixed(1))}-mal so lang wie die kürzere; zum Quadrat gestaucht, ist ihre Textur verzerrt.`;
  },
  color: () => 'Diese Datei enthält Farbe oder Transparenz; eine einfache Röntgenaufnahme hat beides nicht.',
  more_frames: ({ film }) =>
    film?.format === 'tiff'
      ? 'Diese Datei hat mehrere Seiten; ausgewertet wurde nur die größte.'
      : film?.format === 'dicom'
        ? 'Diese Datei enthält mehrere Bilder; ausgewertet wurde nur das erste.'
        : 'Diese Datei ist animiert oder hat mehrere Bilder; ausgewertet wurde nur das erste.',
  scaled: (_report, message) =>
    message.startsWith('The window')
      ? 'Das Fenster in dieser Datei würde von ihren Werten nichts zeigen; der kleinste vorkommende Wert gilt als schwarz, der größte als weiß.'
      : 'Die Werte dieser Datei (Gleitkomma, mit Vorzeichen oder 32 Bit) haben kein festes Schwarz und Weiß; der kleinste vorkommende Wert gilt als schwarz, der größte als weiß.',
  modality(_report, message) {
    const said = /says that this is (.+); the readers/.exec(message)?.[1];
    const what = said && modalities[said];
    return `Laut Datei ist das ${what ?? 'keine einfache Röntgenaufnahme'}; die Verfahren kennen nur einfache Röntgenaufnahmen des Thorax.`;
  },
  view: () => 'Laut Datei ist das keine frontale Aufnahme; die Verfahren kennen nur frontale.',
  body_part: () => 'Laut Datei zeigt das nicht den Thorax.',
  laterality: () => 'Laut Datei zeigt das nur eine Körperseite; eine Thoraxaufnahme zeigt beide.',
  turned: () => 'Diese Aufnahme wurde gedreht oder gespiegelt, wie die Datei es angibt. Stimmt die Angabe nicht, sind links und rechts vertauscht.',
  pixel_shape: () =>
    'Laut Datei haben die Pixel eine Form, die kein Detektor hat; sie gelten hier als quadratisch. Sieht die Aufnahme verzerrt aus, exportieren Sie sie aus einem Betrachter als PNG.',
  enhanced: () =>
    'Der Kontrast dieser Aufnahme scheint örtlich verstärkt zu sein (etwa mit CLAHE). Für das Faltungsnetz sehen Lungen dadurch kränker aus; COVID-19 allein wird darum nicht genannt. Exportieren Sie die Aufnahme ohne Verstärkung.',
  photograph: () =>
    'Das sieht wie ein Foto eines Bildschirms, eines Leuchtkastens oder eines Ausdrucks oder wie ein Scan in Farbe aus. Perspektive, Reflexe und Bildschirmraster bleiben darin und können die Antwort ändern: Exportieren Sie die Aufnahme selbst.',
  mirrored: () => 'Das Herz scheint rechts im Patienten zu liegen. Links und rechts können vertauscht sein: Vergleichen Sie mit der Seitenmarke der Aufnahme.',
  decoded_elsewhere: ({ film }) =>
    `Diese Datei (${(film && formats[film.format]) ?? 'fremdes Format'}) hat der Browser dekodiert; dabei können sich Grauwerte geändert haben. Als DICOM-, PNG- oder TIFF-Datei wird die Aufnahme ohne das gelesen.`,
  child: () => 'Das scheint die Aufnahme eines Kindes zu sein. Was über die Güte des Ergebnisses bekannt ist, stammt von Erwachsenen.',
  readers_disagree: ({ readers }) =>
    readers &&
    `Die Verfahren sind sich nicht einig: Das Texturverfahren sagt ${answers[mostProbable(readers.texture)]}, das Faltungsnetz ${answers[mostProbable(readers.convnet)]}.`,
  outside_training_range: (_report, message) => {
    const [, outside, of] = /^(\d+) of the (\d+)/.exec(message) ?? [];
    if (!of) return null;
    const lie = outside === '1' ? 'liegt' : 'liegen';
    return `${outside} der ${of} Merkmale ${lie} außerhalb des Bereichs der Trainingsaufnahmen: Diese Aufnahme gleicht keiner, die das Texturverfahren kennt.`;
  },
};

/** Why a back-end was not chosen; numbers and names stand in the English sentence only. @type {Record<string, (reason: string) => string>} */
const troubles = {
  no_adapter: () => 'WebGPU steht hier nicht zur Verfügung.',
  software_adapter(reason) {
    const name = /\((.*)\)/.exec(reason)?.[1];
    return `Der Grafikprozessor${name ? ` (${name})` : ''} ist nur Software, die auf dem Prozessor läuft.`;
  },
  no_device: () => 'Der Grafikprozessor ließ sich nicht in Betrieb nehmen.',
  shader: () => 'Der Grafikprozessor hat ein Programm abgelehnt.',
  out_of_memory: () => 'Der Grafikprozessor hat nicht genug Speicher.',
  timed_out: () => 'Der Grafikprozessor antwortet nicht.',
  lost: () => 'Die Verbindung zum Grafikprozessor ging verloren.',
  self_test(reason) {
    const off = /([\d.]+) %/.exec(reason)?.[1];
    return `Sein Ergebnis für die Prüfaufnahme weicht${off ? ` um ${comma(off)}\u202f%` : ''} ab.`;
  },
  slower(reason) {
    const [, its, ours] = /([\d.]+) ms\D+([\d.]+) ms/.exec(reason) ?? [];
    if (!ours) return 'Er funktioniert, ist aber langsamer als der Prozessor.';
    return `Er funktioniert, braucht aber ${comma(its)}\u202fms für das, was der Prozessor in ${comma(ours)}\u202fms schafft.`;
  },
  unknown_name(reason) {
    const name = /"([^"]*)"/.exec(reason)?.[1];
    return `Einen Rechenweg ${name ? `„${name}“` : 'dieses Namens'} gibt es nicht; es gibt webgpu, simd und candle.`;
  },
  input: () => 'Gewichte oder Eingabe passen nicht.',
};

/** Titles of the sets in metrics.json, by id. @type {Record<string, string>} */
const sets = {
  val_cohen: 'Cohen et al. (Validierung)',
  val_kermany: 'Kermany et al., Kinder von 1 bis 5 Jahren (Validierung)',
  val_nih: 'NIH ChestX-ray14, Erwachsene (Validierung)',
  val_radiography: 'COVID-19 Radiography Database, Erwachsene (Validierung)',
  val_nih2: 'NIH ChestX-ray14, andere Patienten, Erwachsene (Validierung)',
  val_siim: 'SIIM-FISABIO-RSNA, Spanien und USA, von einem Gremium befundet (Validierung)',
  val_shenzhen: 'Krankenhaus Nr. 3, Shenzhen, China (Validierung)',
  val_quex: 'Teil von COVID-QU-Ex, unsichere Klassen (Validierung)',
  val_cxnet: 'COVID-CXNet, aus Publikationen (Validierung)',
  external: 'Cohen et al., andere Patienten (extern)',
  external_montgomery: 'Montgomery County, USA (extern)',
  external_peru: 'Ein Krankenhaus in Peru (extern)',
  val_adult_normals: 'Normal\u00adbefunde Erwachsener: NIH und Radiography (Validierung)',
};

/** Hospitals of metrics.json, by their source. @type {Record<string, string>} */
const hospitals = {
  radiography: 'COVID-19 Radiography Database, Erwachsene',
  kermany: 'Kermany et al., Guangzhou, Kinder von 1 bis 5 Jahren',
  nih: 'NIH ChestX-ray14, USA, Erwachsene',
  nih2: 'NIH ChestX-ray14, USA, andere Patienten, Erwachsene',
  cohen: 'Cohen et al., aus Publikationen',
  siim: 'SIIM-FISABIO-RSNA, Spanien und USA, von einem Gremium befundet',
  shenzhen: 'Krankenhaus Nr. 3, Shenzhen, China',
  montgomery: 'Montgomery County in den USA',
  peru: 'Ein Krankenhaus in Peru',
  quex: 'Teil von COVID-QU-Ex, unsichere Klassen',
  cxnet: 'COVID-CXNet, aus Publikationen',
};

/** @param {import('../report/types.js').Hospital} hospital */
function hospitalName({ id, title, own }) {
  return (!own && hospitals[id.replace(/^external_/, '')]) || title;
}

/** How a hospital was kept from the networks. */
const keptWords = { left_out: 'ausgelassen', external: 'extern' };

/** Sources of the figures in metrics.json, by the first word of the id. @type {Record<string, string>} */
const sources = {
  nih: 'NIH ChestX-ray14, Kopien mit 256 px',
  radiography: 'COVID-19 Radiography Database (Validierungs\u00adaufnahmen), Kopien mit 256 px',
  cohen: 'Cohen et al., Patienten, die in der Publikation fehlen; Kopien mit 256 px',
  kermany: 'Kermany et al. (Validierungs\u00adaufnahmen), Kopien mit 256 px',
};

/** @type {Record<string, string>} */
const populations = { adults: 'Erwachsene', 'mostly adults': 'überwiegend Erwachsene', 'children of 1 to 5 years': 'Kinder von 1 bis 5 Jahren' };

/** @type {Record<string, string>} */
const populationsDative = { adults: 'Erwachsenen', 'mostly adults': 'überwiegend Erwachsenen', 'children of 1 to 5 years': 'Kindern von 1 bis 5 Jahren' };

/** @type {Record<string, string>} */
const elsewhereSentences = {
  nih_normal_called_covid19: 'Normalbefunde bei Erwachsenen, als COVID-19 eingestuft',
  cohen_pneumonia_called_covid19: 'Andere Pneumonien, als COVID-19 eingestuft',
  cohen_covid19_against_pneumonia_auc: 'COVID-19 gegen andere Pneumonien (AUC)',
  kermany_pneumonia_called_covid19: 'Pneumonien kleiner Kinder, als COVID-19 eingestuft',
};

const AUC_MEANING = '0,5 ist ein Münzwurf, 1 ist fehlerfrei';

/** @param {import('../report/types.js').ReadAs} way */
function waysOf({ quarter_turns, mirrored, inverted }) {
  const turned = ['', 'um 90° im Uhrzeigersinn gedreht', 'um 180° gedreht', 'um 270° im Uhrzeigersinn gedreht'][quarter_turns % 4];
  return [turned, mirrored ? 'gespiegelt' : '', inverted ? 'invertiert' : ''].filter(Boolean).join(' und ');
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** At most two decimals. @param {number} value */
function plain(value) {
  return comma(String(Math.round(100 * value) / 100));
}

/** @type {typeof import('./en.js').english} */
export const german = {
  labels,

  page: {
    title: 'COVID-Classifier',
    description:
      'Wertet Röntgen-Thoraxaufnahmen mit dem COVID-Classifier aus, in diesem Browser. Die Aufnahme verlässt den Rechner nicht. Forschungswerkzeug, kein Medizinprodukt.',
    tagline: 'Röntgen-Thoraxaufnahmen im Browser auswerten, mit Belegen',
    badge: 'Forschungswerkzeug,',
    badgeRest: 'kein Medizinprodukt',
    intake: 'Röntgen-Thoraxaufnahme auswerten',
    lead: 'Ziehen Sie Aufnahmen auf diese Seite, fügen Sie eine ein oder wählen Sie welche aus. Ausgewertet wird hier, auf diesem Rechner; nichts wird verschickt.',
    choose: 'Aufnahmen wählen …',
    chooseFiles: 'Röntgen-Thoraxaufnahmen',
    folder: 'Ordner …',
    chooseFolder: 'Ordner mit Röntgen-Thoraxaufnahmen',
    formats: 'DICOM, PNG, JPEG, TIFF, ZIP und mehr',
    control: 'Strg',
    or: 'oder',
    pastes: 'fügt ein',
    noFilm: 'Keine Aufnahme zur Hand?',
    teaching: 'Für Lehre oder Befunderstudie?',
    samples: 'Zwei synthetische Aufnahmen auswerten',
    validateQuestion: 'Funktioniert es bei Ihren Aufnahmen?',
    validateButton: 'An eigenen Aufnahmen prüfen …',
    validation: 'Prüfung an eigenen Aufnahmen',
    loading: 'Modell wird geladen …',
    films: 'Aufnahmen',
    clear: 'Alle entfernen',
    keys: 'Tasten',
    language: 'Sprache',
    result: 'Ergebnis',
    facts: 'Bevor Sie beginnen',
    readers: 'Was die Aufnahme auswertet',
    readersText:
      'Zwei Verfahren: der COVID-Classifier aus einer Publikation, der die Textur misst, und ein kleines Faltungsnetz, das nur die Lunge sieht. Eine Eingangsprüfung weist ab, was keine frontale Thoraxaufnahme ist.',
    limits: 'Was es nicht kann',
    limitsText:
      'Diagnosen stellen. Bei Aufnahmen aus neuen Krankenhäusern unterscheidet es COVID-19, Normalbefund und andere Pneumonien schlechter als bei denen, die es kennt. Es sagt, wie gut, und nennt keine Klasse, wo es das nicht kann.',
    privacy: 'Wohin die Aufnahme geht',
    privacyText:
      'Nirgendwohin. Ist die Seite geladen, stellt sie keine Anfrage mehr, und sie speichert weder Aufnahme noch Ergebnis. Auch ohne Netz wertet sie aus.',
    veil: 'Zum Auswerten hier ablegen',
  },

  leaving: {
    title: 'Offene Aufnahmen schließen?',
    text: (films, answers) =>
      [
        'Die neuere Version kommt mit dem Neuladen, und das schließt die Aufnahmen.',
        films === 0
          ? ''
          : `${films === 1 ? 'Das Ergebnis einer Aufnahme steht' : `Die Ergebnisse von ${films} Aufnahmen stehen`} noch in keiner Datei. Sie können erst exportieren.`,
        answers ? 'Ihre Antworten der Blindbefundung stehen noch in keiner Datei; am Ende der Befundung lassen sie sich speichern.' : '',
      ]
        .filter(Boolean)
        .join(' '),
    stay: 'Hier bleiben',
    export: 'Erst exportieren …',
    leave: 'Neu laden und schließen',
  },

  block: (block) => blocks[block] ?? block.replaceAll('_', ' '),
  blockMeaning: (block) => blockMeanings[block] ?? '',

  feature(name) {
    const block = Object.keys(blocks).find((key) => name.startsWith(`${key}_`));
    if (!block) return { block: '', statistic: name.replaceAll('_', ' ') };
    const rest = name.slice(block.length + 1);
    // The longest first: it may end like another.
    const key = Object.keys(statistics)
      .sort((a, b) => b.length - a.length)
      .find((key) => rest === key || rest.endsWith(`_${key}`));
    if (!key) return { block: blocks[block], statistic: rest.replaceAll('_', ' ') };
    const place = rest.slice(0, -key.length - 1);
    const written =
      places[place] ??
      place
        .replaceAll('_', ' ')
        .replace(/^(\d+)deg$/, '$1°')
        .replace(/^c([ahvd])(\d)$/, (_, band, level) => `c${band.toUpperCase()}${level}`);
    return { block: blocks[block], statistic: `${written ? `${written}, ` : ''}${statistics[key]}` };
  },

  engine: {
    loading: (done, of) => `Modell wird geladen … ${done} von ${of} Dateien`,
    ready: (version) => `Bereit. Modell ${version}, auf diesem Rechner`,
    again: 'Neuer Start …',
    stalledTitle: 'Das Laden dauert lange',
    stalled: 'Seit einer Minute ist nichts angekommen. Bitte weiter warten oder das Modell erneut laden.',
    loadAgain: 'Erneut laden',
    failedShort: 'Das Modell ist nicht geladen',
    failedTitle: 'Die Auswertung ist nicht gestartet',
    failed: (kind) => starts[kind] ?? 'Der Grund ist dieser Seite nicht bekannt.',
    failedWaiting: (waiting) =>
      waiting === 0 ? '' : waiting === 1 ? 'Eine Aufnahme wartet und geht nicht verloren.' : `${waiting} Aufnahmen warten und gehen nicht verloren.`,
    retry: 'Erneut versuchen',
    announceReady: 'Das Modell ist geladen. Aufnahmen können ausgewertet werden.',
  },

  compute: {
    runsOn(backend, adapter) {
      if (backend === 'simd') return `Läuft auf diesem Prozessor (${backends.simd})`;
      if (backend === 'candle') return 'Läuft mit candle (langsam)';
      return `Läuft mit ${named(backend, adapter)}`;
    },
    named,
    why: 'Warum',
    attempt: (attempt) =>
      [attempt.backend && `${named(attempt.backend, null)}: ${outcomes[attempt.outcome] ?? attempt.outcome}.`, trouble(attempt)].filter(Boolean).join(' '),
    trouble,
    notAsAskedTitle: (asked) => `Der Rechenweg „${named(asked, null)}“ ließ sich nicht verwenden`,
    notAsAsked: (backend, adapter) => `Die Adresse dieser Seite verlangt ihn. Ausgewertet wird stattdessen mit ${named(backend, adapter)}.`,
    changed(lost, now, adapter) {
      const what =
        lost === 'webgpu'
          ? 'Während der Auswertung fiel der Grafikprozessor aus.'
          : lost
            ? `Während der Auswertung fiel der Rechenweg ${named(lost, null)} aus.`
            : 'Der Rechenweg der Auswertung hat gewechselt.';
      const on = now === 'simd' ? 'auf dem Prozessor' : `mit ${named(now, adapter)}`;
      return `${what} Es geht ${on} weiter; keine Aufnahme ist verloren.`;
    },
    changedTitle: 'Jetzt rechnet ein anderer Rechenweg',
    dismiss: 'Schließen',
  },

  batch: {
    reading: (done, of) => `Auswertung läuft … ${done} von ${of} Aufnahmen`,
    cancel: 'Abbrechen',
    cancelled: (cancelled) => (cancelled === 1 ? 'Eine Aufnahme wurde abgebrochen.' : `${cancelled} Aufnahmen wurden abgebrochen.`),
    readRest: (cancelled) => (cancelled === 1 ? 'Diese Aufnahme auswerten' : 'Übrige Aufnahmen auswerten'),
    announceCancelled: (cancelled) =>
      `Die Auswertung ist abgebrochen. ${cancelled === 1 ? 'Eine Aufnahme ist' : `${cancelled} Aufnahmen sind`} nicht ausgewertet; das lässt sich nachholen.`,
    announceRest: (films) => (films === 1 ? 'Eine Aufnahme wird jetzt ausgewertet.' : `${films} Aufnahmen werden jetzt ausgewertet.`),
  },

  film: {
    states: { waiting: 'Wartet', reading: 'Wird ausgewertet …', done: 'Ausgewertet', failed: 'Fehler', cancelled: 'Abgebrochen' },
    unnamed: 'eingefügte Aufnahme',
    remove: (name) => `${name} entfernen`,
    removed: 'Aufnahme entfernt.',
    cleared: 'Alle Aufnahmen entfernt.',
    nothingDropped: 'Das war keine Datei. Ziehen Sie eine Bilddatei oder einen Ordner hierher, fügen Sie eine ein oder wählen Sie eine aus.',
    verdictShort: (verdict) => labels[verdict] ?? verdictsShort[verdict] ?? verdict,
    failureShort: (kind) => failuresShort[kind] ?? 'Nicht ausgewertet',
    facts: (film) => `${formats[film.format] ?? film.format}, ${film.width_px} × ${film.height_px} Pixel, ${colors[film.color] ?? film.color}`,
  },

  viewer: {
    label: 'Betrachter',
    view: (name) => `Aufnahme ${name}`,
    picture: (name, overlay, isOutlined, isCut) =>
      `Die Aufnahme ${name}` +
      (isCut ? ', mit einem Rahmen um das Ausgewertete' : '') +
      (overlay === 'off' ? '' : `, überlagert mit dem, was für und gegen ${answers[overlay] ?? overlay} spricht`) +
      (isOutlined ? ', mit der Lungenkontur' : ''),
    equalized: (name) => `Die Aufnahme ${name}, wie das Texturverfahren sie sieht: 512 mal 512 Pixel, Kontrast ausgeglichen`,
    equalizedCaption: 'Das Texturverfahren: 512 × 512, Kontrast ausgeglichen',
    crop: (name) => `Die Aufnahme ${name}, wie das Faltungsnetz sie sieht: 128 mal 128 Pixel, nur die Lunge`,
    cropCaption: 'Das Faltungsnetz: 128 × 128, nur die Lunge',
    placeholders: {
      loading: 'Die Aufnahme wird geholt …',
      gone: 'Die Aufnahme kann nicht gezeigt werden: Entweder ließ sich ihre Datei kein zweites Mal lesen, weil sie verschoben oder gelöscht wurde, oder das Programm ist dabei stehen geblieben. Das Ergebnis gilt weiter.',
      none: 'Es gibt keine Aufnahme zu zeigen: Dieses Ergebnis wurde importiert, und Aufnahmen sind nicht Teil eines Exports.',
    },
    tool: 'Ziehen ändert',
    tools: { window: 'Fensterung', pan: 'Ausschnitt' },
    zoom: 'Vergrößerung',
    zoomIn: 'Vergrößern',
    zoomOut: 'Verkleinern',
    fit: 'Einpassen',
    fitLong: 'Einpassen: die ganze Aufnahme zeigen',
    oneToOne: '1:1',
    oneToOneLong: '1:1, ein Pixel der Aufnahme je Pixel des Bildschirms',
    invert: 'Invertieren',
    reset: 'Zurücksetzen',
    fullScreen: 'Vollbild',
    window: 'Fenster',
    presets: { auto: 'Auto', full: 'Voller Bereich', lungs: 'Lunge' },
    center: 'Zentrum',
    width: 'Breite',
    overlay: 'Spricht für',
    off: 'Aus',
    opacity: 'Deckkraft',
    outline: 'Lungenkontur',
    noMap: 'Zu dieser Aufnahme gibt es keine Überlagerung: Das Faltungsnetz hat sie nicht ausgewertet, oder das eines anderen Modells als des jetzigen.',
    compare: 'Was die Verfahren sehen',
    percent: (zoom) => `${Math.round(100 * zoom)}\u202f%`,
    value: (value, column, row, isPointed) => `${isPointed ? '' : 'Mitte '}${column}; ${row}: ${comma(String(value))}`,
    hint(isHeld, isTouch) {
      if (isTouch) {
        return isHeld
          ? 'Ein Finger zieht, zwei vergrößern. Neben den Betrachter tippen, um hier wieder die Seite zu verschieben.'
          : 'Zwei Finger vergrößern. Auf die Aufnahme tippen, um mit einem zu ziehen.';
      }
      return isHeld ? 'Das Mausrad vergrößert. Esc gibt es der Seite zurück.' : 'Klicken, um mit dem Mausrad zu vergrößern, oder Strg halten.';
    },
    keys:
      'Die Pfeiltasten verschieben die Aufnahme, Plus und Minus vergrößern und verkleinern, 0 passt sie ein, 1 zeigt sie eins zu eins. ' +
      'Umschalt mit Pfeiltasten ändert die Fensterung; A, F und L wählen eine. I invertiert, O zeigt, was für das Ergebnis spricht, ' +
      'C, was die Verfahren sehen, R setzt zurück.',
    toolChosen: (tool) => (tool === 'pan' ? 'Ziehen verschiebt die Aufnahme' : 'Ziehen ändert die Fensterung'),
    windowChosen: ({ center, width }) => `Zentrum ${Math.round(center)}, Breite ${Math.round(width)}`,
    zoomed: (zoom) => `Vergrößerung ${Math.round(100 * zoom)} Prozent`,
    inverted: (isInverted) => (isInverted ? 'Invertiert' : 'Nicht invertiert'),
    wasReset: 'Fensterung, Vergrößerung und Invertierung sind zurückgesetzt',
    noLungs: 'In dieser Aufnahme wurde keine Lunge gefunden',
    overlayChosen: (overlay, hasMap) =>
      !hasMap
        ? 'Zu dieser Aufnahme gibt es keine Überlagerung'
        : overlay === 'off'
          ? 'Überlagerung aus'
          : `Was für und gegen ${answers[overlay] ?? overlay} spricht`,
    compareChosen: (isShown) => (isShown ? 'Was die Verfahren sehen, ist eingeblendet' : 'Was die Verfahren sehen, ist ausgeblendet'),
    legend: {
      for: (label) => `spricht für ${answers[label] ?? label}`,
      against: (label) => `spricht gegen ${answers[label] ?? label}`,
      frame: 'nur diesen Teil sah das Faltungsnetz',
      outline: 'Kontur der Lunge, die es fand',
      cut: 'die Aufnahme, die im Bild gefunden wurde',
      withheld: 'Diese Aufnahme wird nicht beurteilt: Überlagert wird sie nur, wenn Sie es hier wählen oder auf ihr O drücken.',
      where: (label, inside) =>
        `${percent(inside)} dessen, was für ${answers[label] ?? label} spricht, ${lies(inside)} innerhalb der Lunge, der Rest außerhalb.`,
    },
    cutOff(frame) {
      const cut = cutShares(frame);
      const sides = { left: 'links', right: 'rechts', top: 'oben', bottom: 'unten' };
      const said = /** @type {(keyof typeof sides)[]} */ (Object.keys(sides))
        .filter((side) => cut[side] > 0)
        .map((side) => `${sides[side]} ${percent(cut[side])}`);
      return `Ausgewertet wurde nur die Aufnahme innerhalb des Bildes. Abgeschnitten wurden ${said.join(', ')}.`;
    },
    fileWindows: 'Fenster der Datei',
    fileWindow: ({ name, center, width }, number) => `${name ?? `Fenster ${number}`} (${plain(center)} / ${plain(width)})`,
    ownWindow: 'Eigenes',
    shortcuts: [
      { keys: ['←', '→', '↑', '↓'], does: 'Aufnahme verschieben' },
      { keys: ['+', '−'], does: 'Vergrößern, verkleinern' },
      { keys: ['0'], does: 'Die ganze Aufnahme einpassen' },
      { keys: ['1'], does: '1:1, ein Pixel der Aufnahme je Pixel des Bildschirms' },
      { keys: ['W', 'H'], does: 'Ziehen ändert die Fensterung, verschiebt die Aufnahme' },
      { keys: ['⇧ ←', '⇧ →'], does: 'Fenster schmaler, breiter; auch [ und ]' },
      { keys: ['⇧ ↑', '⇧ ↓'], does: 'Heller, dunkler' },
      { keys: ['A', 'F', 'L'], does: 'Fenster: Auto, voller Bereich, Lunge' },
      { keys: ['I'], does: 'Invertieren' },
      { keys: ['O'], does: 'Was für das Ergebnis spricht: ein, aus' },
      { keys: ['C'], does: 'Was die Verfahren sehen: ein, aus' },
      { keys: ['M'], does: 'Vollbild' },
      { keys: ['R'], does: 'Fensterung, Vergrößerung und Invertierung zurücksetzen' },
      { keys: ['Esc'], does: 'Das Mausrad der Seite zurückgeben' },
    ],
  },

  result: {
    waiting: 'Diese Aufnahme ist noch nicht an der Reihe.',
    waitingForEngine: 'Diese Aufnahme wartet darauf, dass das Modell geladen ist.',
    reading: 'Diese Aufnahme wird ausgewertet …',
    verdict({ finding, verdict }, probability) {
      const share = probability === null ? '' : ` (${probability})`;
      if (verdict === 'refused') return 'Diese Aufnahme wird nicht beurteilt';
      if (verdict !== 'uncertain') return `${finding === 'not_normal' ? 'Nicht normal' : 'Gesamtergebnis'}: ${answers[verdict] ?? verdict}${share}`;
      if (finding === 'not_normal') return `Nicht normal${share}: COVID-19 oder eine andere Pneumonie, hier nicht zu unterscheiden`;
      if (finding === 'cannot_say') return 'Es lässt sich nicht sagen, ob diese Aufnahme normal ist';
      return 'Für diese Aufnahme lässt sich keine Klasse nennen';
    },
    noVerdict: 'Zu dieser Aufnahme gibt es kein Ergebnis',
    refusedAnswers: {
      title: 'Was die Verfahren dennoch dazu sagen',
      note: 'Diese Aufnahme wurde abgewiesen. Was folgt, ist keine Antwort: Wie verlässlich die Verfahren bei einem solchen Bild sind, ist nicht bekannt.',
    },
    reason({ kind, message, remedies }, report) {
      const seen = Object.hasOwn(reasons, kind) && reasons[kind](report);
      if (!seen) return message;
      const ways = (remedies ?? []).flatMap(({ read_as }) => (read_as ? [waysOf(read_as) || 'wie gespeichert'] : []));
      // Which way, is known: the general advice gives way to it.
      return ways.length === 0 ? seen : `${seen.replace(/ Bitte (gedreht|umgekehrt) auswerten\.$/, '')} Bitte ${ways.join(' oder ')} auswerten.`;
    },
    warning: ({ kind, message }, report) => (Object.hasOwn(warnings, kind) && warnings[kind](report, message)) || message,
    probabilitiesTitle: 'Kalibrierte Wahrscheinlichkeiten',
    abnormal: 'Nicht normal',
    levelsNote:
      'Das Ergebnis sagt zuerst, ob die Aufnahme normal ist oder nicht, oder dass sich das nicht sagen lässt. Ist sie nicht normal, nennt es COVID-19 oder eine andere Pneumonie, sofern beide zu unterscheiden sind.',
    probabilitiesNote:
      'Kalibriert an Aufnahmen aus Quellen, die die Netze nicht gesehen hatten. In einem einzelnen Krankenhaus können mehr oder weniger Ergebnisse zutreffen, als sie versprechen.',
    warningsTitle: 'Zu dieser Aufnahme',
    elapsed: (total) => `Ausgewertet in ${duration(total)}`,
    elapsedParts: (ms) =>
      `Dekodieren ${duration(ms.decode)}; Bildausschnitt ${duration(ms.frame)}; Texturverfahren ${duration(ms.preprocess + ms.features + ms.classify)}; ` +
      `Lunge ${duration(ms.lungs)}, Faltungsnetz ${duration(ms.convnet)}`,
    model: (version) => `Modell ${version}`,
    sha256: 'SHA-256',
    aboutTitle: 'Aufnahme, Zeit und Modell',
    aboutFilm: 'Aufnahme',
    aboutLungs: 'Lunge',
    lungs: ({ area, left, right }) =>
      area === 0 ? 'keine gefunden' : `${percent(area)} der Aufnahme; auf der linken Seite des Patienten ${percent(left)}, auf der rechten ${percent(right)}`,
    aboutGate: 'Beurteilbar',
    gate: ({ accepted, doubtful }) => (accepted ? (doubtful ? 'ja, mit Zweifeln' : 'ja: sieht wie eine frontale Thoraxaufnahme aus') : 'nein'),
    aboutTime: 'Zeit',
    aboutModel: 'Modell',
    aboutBackend: 'Berechnet mit',
    failedTitle: 'Diese Aufnahme wurde nicht ausgewertet',
    failed: failedSentence,
    failedDetail: ({ kind, message, format }) => (format || (kind === 'unsupported_format' && told(message)) ? null : message || null),
    detail: 'Einzelheit:',
    detailWords: detailInGerman,
    retry: 'Diese Aufnahme erneut auswerten',
    cancelledTitle: 'Diese Aufnahme ist noch nicht ausgewertet',
    cancelled: 'Ihre Auswertung wurde abgebrochen. Sie ist nicht verloren.',
    readCancelled: 'Auswerten',
    announce: (name, sentence) => `${name}: ${sentence}.`,
    announceFailed: (name, reason) => `${name} wurde nicht ausgewertet. ${reason}`,
    announceAll: (read, failed, cancelled) =>
      cancelled === 0
        ? `Alle Aufnahmen sind fertig: ${read} ausgewertet, ${failed} nicht ausgewertet.`
        : `Die Auswertung ist beendet: ${read} ausgewertet, ${failed} nicht ausgewertet, ${cancelled} abgebrochen.`,
  },

  readers: {
    title: 'Was die Verfahren einzeln ergeben',
    head: 'Verfahren',
    names: { verdict: 'Gesamt\u00adergebnis', convnet: 'Faltungs\u00adnetz', texture: 'Textur\u00adverfahren' },
    remarks: {
      verdict: 'kalibrierte Wahrscheinlichkeiten',
      convnet: 'sieht nur die Lunge; Softmax, nicht kalibriert',
      texture: 'der publizierte COVID-Classifier; Softmax, nicht kalibriert',
    },
  },

  evidence: {
    title: 'Treffsicherheit bei solchen Aufnahmen',
    lead: 'Gemessen an Aufnahmen von Patienten, die beim Lernen nicht vorkamen. „Externe“ Aufnahmen dienten auch nicht zur Auswahl. Die von Cohen et al. stammen aus Publikationen vieler Krankenhäuser, und das Texturverfahren kennt einige davon.',
    mostly: ({ covid19, normal, pneumonia }) =>
      ` Von diesen zeigen ${covid19} COVID-19, ${normal} sind normal und ${pneumonia} zeigen andere Pneumonien: Auch wer immer COVID-19 sagt, läge meist richtig.`,
    set: ({ id, title, own }) => (!own && sets[id]) || title,
    pair: 'COVID-19 gegen andere Pneumonien (AUC)',
    aucMeaning: AUC_MEANING,
    allExternal: 'Alle externen Aufnahmen',
    surestHalf: 'Richtig in der Hälfte, bei der es am sichersten ist',
    accuracy: 'Richtig unter allen, die nicht abgewiesen wurden',
    sensitivity: (label) => `Sensitivität: ${hyphenated(filmsOf[label])}, als ${hyphenated(answers[label])} eingestuft`,
    specificity: (label) => `Spezifität: andere Aufnahmen, nicht als ${hyphenated(answers[label])} eingestuft`,
  },

  hospitals: {
    title: 'In Krankenhäusern, die es nie gesehen hat, das schlechteste zuerst',
    lead: 'Ein neues Krankenhaus ist die eigentliche Probe. „Ausgelassen“ heißt: gelesen von einem Netz, das ohne diese Quelle gelernt hat. „Extern“ heißt: gelesen von diesem Modell, für das an diesen Aufnahmen nichts gelernt und nichts ausgewählt wurde. Etwas gesagt wird, wo eine Aufnahme als normal oder als nicht normal eingestuft wird.',
    head: 'Krankenhaus',
    measures: {
      normals_named_covid19: 'Normal\u00adbefunde, bei denen COVID-19 genannt wird',
      right: 'Richtig, wo etwas gesagt wird',
      named: 'Etwas wird gesagt',
    },
    name: hospitalName,
    kept: (kept, patients) => `${keptWords[kept]}, ${patients} Patienten`,
    others: (count) => (count === 1 ? 'Ein weiteres Krankenhaus' : `${count} weitere Krankenhäuser`),
    unknownTitle: 'Was es nicht kennt',
    unknown: (isMeasured) =>
      'Tuberkulose, Erguss, Herzinsuffizienz und Rundherde gehören nicht zu seinen Antworten. Es kann eine solche Aufnahme als normal einstufen oder ihr einen falschen Namen geben.' +
      (isMeasured ? ' So wurden solche Aufnahmen aus Krankenhäusern eingestuft, die es nie gesehen hat; zu den übrigen wurde nichts gesagt.' : ''),
    unknownLine: (hospital, finding, films, { normal, covid19, pneumonia, notNormal }) =>
      `Von ${films} Aufnahmen mit ${finding === 'tuberculosis' ? 'Tuberkulose' : 'anderen Befunden'} (${hospitalName(hospital)}; ${keptWords[hospital.kept]}) ` +
      `wurden ${normal} als normal, ${covid19} als COVID-19, ${pneumonia} als andere Pneumonie und ${notNormal} als nicht normal ohne Klasse eingestuft.`,
  },

  worth: {
    title: 'Wie verlässlich das Texturverfahren ist',
    trained({ films, population }) {
      const shares = /** @type {Label[]} */ (['covid19', 'normal', 'pneumonia']).map(
        (label) => `${films[label]} ${filmsDative[label]} von ${populationsDative[population[label]] ?? population[label]}`,
      );
      return `Gelernt hat es an ${shares[0]}, ${shares[1]} und ${shares[2]}.`;
    },
    caution: (unseen) =>
      `${
        unseen?.named && unseen.right
          ? `Von ${grouped(unseen.named.n)} Aufnahmen aus Krankenhäusern, die das Programm nicht kannte, hat es ${percent(unseen.named.value)} als normal oder nicht normal eingestuft; bei ${percent(unseen.right.value)} davon lag es richtig (95-%-Konfidenzintervall ${percentInterval(unseen.right)}). `
          : ''
      }Das Ergebnis ist keine Diagnose.`,
    meaning:
      '„Erwachsen oder Kind“ genügte also, um COVID-19 vom Rest zu unterscheiden; was die Lunge zeigt, musste keine Rolle spielen. Bei Erwachsenen neigt es dazu, COVID-19 zu sagen, was immer die Aufnahme zeigt.',
    figuresTitle: 'Treffsicherheit bei unbekannten Aufnahmen',
    measured: 'Gemessen an',
    films: 'Auf\u00adnahmen',
    value: 'Ergebnis',
    interval: '95-%-Konfidenz\u00adintervall',
    authorsSplit: (estimate) => ({
      what: 'Testaufnahmen der Publikation selbst, richtige Antworten',
      remark: 'dieselben Patienten sind auch unter den Trainingsaufnahmen',
      ...share(estimate),
    }),
    patientDisjoint: (estimate) => ({
      what: 'Aufnahmen der Publikation, kein Patient auf beiden Seiten, richtige Antworten',
      remark: 'fünffache Kreuzvalidierung; weiterhin ist COVID-19 erwachsen, der Rest sind Kinder',
      ...share(estimate),
    }),
    elsewhere(figure, isTelling) {
      const isAuc = figure.scale === 'auc';
      const source = (!figure.own && sources[figure.id.split('_')[0]]) || figure.source;
      return {
        what: (isTelling && elsewhereSentences[figure.id]) || measure(figure.measure),
        remark: [source, populations[figure.population] ?? figure.population, isAuc ? AUC_MEANING : ''].filter(Boolean).join('; '),
        ...(isAuc ? { value: score(figure.estimate.value), interval: scoreInterval(figure.estimate) } : share(figure.estimate)),
      };
    },
    isTelling: (figure) => figure.id in elsewhereSentences,
    allElsewhere: (count) => `Alle ${count} Messungen an Aufnahmen aus anderen Quellen`,
    noFigures: 'Die Messwerte zu diesem Modell ließen sich nicht laden.',
  },

  why: {
    title: 'Wie das Texturverfahren zu seinem Ergebnis kommt',
    strongest: (block, value, label) =>
      `Am stärksten in Richtung ${answers[label] ?? label} wirkte bei dieser Aufnahme, verglichen mit der mittleren Trainingsaufnahme: ${blocks[block] ?? block} (${value}).`,
    lead: 'Plus wirkt zur Klasse hin, Minus von ihr weg. Die Einheit ist der Logit, die Ausgabe des Netzes vor dem Softmax.',
    blocksTitle: 'Die fünf Gruppen von Messgrößen',
    blocksCaption: 'Die mittlere Trainingsaufnahme plus die fünf Gruppen ergibt diese Aufnahme.',
    blocksHead: 'Gruppe',
    baseline: 'Mittlere Trainings\u00adaufnahme',
    total: 'Diese Aufnahme',
    featuresTitle: 'Die zehn stärksten Messgrößen',
    featuresCaption: 'Unter jedem Namen: der Wert in dieser Aufnahme, dann das Mittel der Trainingsaufnahmen.',
    featuresHead: 'Messgröße',
    featureValues: (value, mean) => `${value}, Mittel ${mean}`,
    others: (count) => `Die übrigen ${count}`,
  },

  embed: {
    label: 'Auswertung von Röntgen-Thoraxaufnahmen',
    title: 'Röntgen-Thoraxaufnahme hier ablegen',
    hint: 'DICOM, PNG, JPEG, WebP, BMP oder TIFF. Sie wird auf diesem Rechner ausgewertet und nirgendwohin geschickt.',
    choose: 'Aufnahme wählen …',
    another: 'Andere Aufnahme …',
    cancel: 'Abbrechen',
    retry: 'Erneut versuchen',
    research: 'Forschungswerkzeug, kein Medizinprodukt.',
    unnamed: 'Aufnahme ohne Namen',
    noFile: 'Das war keine Datei. Legen Sie eine Bilddatei hier ab, fügen Sie eine ein oder wählen Sie eine aus.',
    onlyFirst: (name) => `Nur eine Aufnahme auf einmal: ${name} wird ausgewertet.`,
    cancelled: 'Die Auswertung ist abgebrochen.',
    filmPicture: (name) => `Die Aufnahme ${name}`,
    where: (label) => `Zeigen, was für ${answers[label] ?? label} spricht`,
    whereCaption: (label, inside) =>
      `Orange spricht laut Faltungsnetz für ${answers[label] ?? label}, Blau dagegen; die Linie ist die Lungenkontur.${insideLungs(inside)}`,
  },

  offline: {
    states: {
      kept: 'Auch ohne Netz nutzbar.',
      'not-kept': 'Nicht für die Nutzung ohne Netz gespeichert; solange die Seite offen ist, braucht sie keines.',
    },
    update: {
      title: 'Eine neuere Version dieser Seite liegt bereit',
      text: 'Diese hier funktioniert weiter. Neu laden bringt die neuere und schließt die geöffneten Aufnahmen; sichern Sie vorher, was Sie behalten wollen.',
      reload: 'Neu laden und aktualisieren',
      later: 'Nicht jetzt',
    },
  },

  intake: {
    looking: (files) => (files === 0 ? 'Der Ordner wird durchsucht …' : `Der Ordner wird durchsucht … ${files} ${files === 1 ? 'Datei' : 'Dateien'}`),
    leftOut: (films, hidden, others) =>
      [
        films === 0 ? 'Es gab nichts auszuwerten.' : `${films} ${films === 1 ? 'Datei' : 'Dateien'} übernommen.`,
        others === 0
          ? ''
          : others === 1
            ? 'Eine Datei, die keine Aufnahme ist, wurde ausgelassen.'
            : `${others} Dateien, die keine Aufnahmen sind, wurden ausgelassen.`,
        hidden === 0 ? '' : hidden === 1 ? 'Eine versteckte Systemdatei wurde ausgelassen.' : `${hidden} versteckte Systemdateien wurden ausgelassen.`,
      ]
        .filter(Boolean)
        .join(' '),
  },

  films: {
    title: (films) => (films < 2 ? 'Aufnahmen' : `Aufnahmen (${films})`),
    none: '–',
    imported: 'Importiert',
    wide: 'Breite Tabelle',
    narrow: 'Schmale Liste',
    export: 'Exportieren …',
    filter: 'Aufnahmen nach Ergebnis zeigen',
    counted: (category, films) => `${category} (${films})`,
    find: 'Nach Namen suchen',
    sort: 'Sortieren nach',
    keys: 'Pfeiltasten, Bild auf und Bild ab gehen durch die Aufnahmen, die Eingabetaste öffnet eine, C wählt sie für einen Vergleich, Entf entfernt sie.',
    shortcuts: [
      { keys: ['↑', '↓'], does: 'In der Liste: vorige Aufnahme, nächste' },
      { keys: ['Pos1', 'Ende'], does: 'Erste Aufnahme, letzte' },
      { keys: ['Eingabe'], does: 'Weiter zu ihrem Ergebnis' },
      { keys: ['Entf'], does: 'Von der Seite entfernen' },
    ],
    removeHint: 'Entfernen (Entf)',
    removeHead: 'Entfernen',
    noneShown: 'Keine Aufnahme passt.',
    showAll: 'Alle Aufnahmen zeigen',
    announceShown: (shown) => (shown === 1 ? 'Eine Aufnahme wird gezeigt.' : `${shown} Aufnahmen werden gezeigt.`),
    announceProgress: (done, of) => `${done} von ${of} Aufnahmen sind fertig.`,
    categories: {
      all: 'Alle',
      covid19: 'COVID-19',
      normal: 'Normal',
      pneumonia: 'Pneumonie',
      not_normal: 'Nicht normal',
      uncertain: 'Unklar',
      refused: 'Nicht beurteilt',
      unread: 'Nicht ausgewertet',
      waiting: 'Wartet',
    },
    sorts: { number: 'Reihenfolge', name: 'Name', verdict: 'Ergebnis', probability: 'Wahrscheinlichkeit', warnings: 'Hinweise', time: 'Zeit' },
    direction: (descending) => (descending ? 'Größte oder letzte zuerst' : 'Kleinste oder erste zuerst'),
    columns: {
      number: { head: 'Nr.', headMeaning: 'In der Reihenfolge, in der sie kamen' },
      name: { head: 'Aufnahme', headMeaning: 'Name, und Ordner, wo es einen gibt' },
      verdict: { head: 'Ergebnis', headMeaning: 'Was beide Verfahren zusammen ergeben' },
      probability: { head: 'Wahrsch.', headMeaning: 'Kalibrierte Wahrscheinlichkeit dessen, was das Ergebnis sagt' },
      abnormal: { head: 'Nicht normal', headMeaning: 'Kalibrierte Wahrscheinlichkeit, dass die Aufnahme nicht normal ist' },
      covid19: { head: 'COVID-19', headMeaning: 'Kalibrierte Wahrscheinlichkeit von COVID-19' },
      normal: { head: 'Normal', headMeaning: 'Kalibrierte Wahrscheinlichkeit eines Normalbefunds' },
      pneumonia: { head: 'Pneumonie', headMeaning: 'Kalibrierte Wahrscheinlichkeit einer Pneumonie' },
      convnet: { head: 'Faltungsnetz', headMeaning: 'Was das Faltungsnetz allein ergibt; Softmax, nicht kalibriert' },
      texture: { head: 'Texturverfahren', headMeaning: 'Was das Texturverfahren allein ergibt; Softmax, nicht kalibriert' },
      warnings: { head: 'Hinweise', headMeaning: 'Hinweise zur Aufnahme' },
      time: { head: 'Zeit', headMeaning: 'Wie lange die Auswertung gedauert hat' },
      state: { head: 'Stand', headMeaning: 'Ob die Aufnahme ausgewertet ist' },
    },
  },

  export: {
    title: 'Ergebnisse exportieren',
    format: 'Format',
    formats: { csv: 'CSV, für Tabellenprogramme', json: 'JSON, mit allen Einzelheiten; diese Seite kann es wieder einlesen' },
    csv: 'Zellen und Dezimalen',
    csvKinds: { comma: 'Komma zwischen Zellen, 0.5', semicolon: 'Semikolon zwischen Zellen, 0,5' },
    which: 'Aufnahmen',
    all: (films) => (films === 1 ? 'Die eine Aufnahme' : `Alle ${films} Aufnahmen`),
    shown: (films) => (films === 1 ? 'Die eine, die gezeigt wird' : `Die ${films}, die gezeigt werden`),
    names: 'Mit Dateinamen',
    namesNote: 'Ein Name kann verraten, wessen Aufnahme es ist. Ohne Häkchen stehen in der Datei weder Namen noch Ordner.',
    note: 'Die Datei entsteht hier, und Ihr Browser speichert sie. Aufnahmen und Bilder sind nicht enthalten.',
    save: 'Datei speichern',
    cancel: 'Abbrechen',
    failedTitle: 'Die Datei ließ sich nicht anlegen',
    failed:
      'Der Browser hat keinen Platz dafür. Bitte auf dem Datenträger Platz schaffen oder andere Tabs schließen und noch einmal speichern. Die Ergebnisse sind weiterhin auf dieser Seite.',
    close: 'Schließen',
    saved: (films) => (films === 1 ? 'Das Ergebnis einer Aufnahme ist exportiert.' : `Die Ergebnisse von ${films} Aufnahmen sind exportiert.`),
  },

  import: {
    done: (films) => (films === 1 ? 'Das Ergebnis einer Aufnahme wurde importiert.' : `Die Ergebnisse von ${films} Aufnahmen wurden importiert.`),
    numbered: (number) => `Aufnahme ${number}`,
    notice: ({ at, program }) => `Importiert: ausgewertet mit ${program}, exportiert am ${dateAndTime(new Date(at))}. Die Aufnahme selbst ist nicht dabei.`,
    otherModel: 'Diese Aufnahme hat eine andere Version des Modells ausgewertet. Was am Modell dieser Seite gemessen wurde, sagt nichts über jenes aus.',
  },

  print: {
    button: 'Drucken oder als PDF speichern',
    names: 'Mit dem Dateinamen',
    title: 'COVID-Classifier: Ergebnis für eine Aufnahme',
    caution: 'Forschungswerkzeug, kein Medizinprodukt.',
    film: (name, number) => name ?? `Aufnahme ${number} dieser Sitzung`,
    printed: (now) => `Gedruckt am ${dateAndTime(now)}`,
    asRead: 'Wie eingelesen',
    abnormal: (probability) => `nicht normal: ${probability}`,
    where: (label, inside) =>
      `Was laut Faltungsnetz für ${answers[label] ?? label} spricht (orange; blau: dagegen), und die Kontur der Lunge, die es fand.${insideLungs(inside)}`,
    more: (more) => `und ${more} weitere, auf der Seite`,
  },

  readAs: {
    read: (way) => `${capital(waysOf(way) || 'wie gespeichert')} auswerten`,
    was: (way) =>
      way
        ? `Diese Aufnahme wurde ${waysOf(way)} ausgewertet, nicht so, wie sie in der Datei liegt.`
        : 'Diese Aufnahme wurde so ausgewertet, wie sie in der Datei liegt.',
    back: 'Zurück zur Aufnahme, wie sie gespeichert ist',
    choose: 'Andere Datei wählen …',
  },

  tags: {
    title: 'Was die Datei angibt (nennt womöglich den Patienten)',
    warning:
      'Das kann Namen, Geburtsdatum und mehr über den Patienten enthalten. Es wird erst jetzt aus der Datei gelesen und steht in keinem Ausdruck, keinem Export und keiner Kopie.',
    tag: 'Kennung',
    name: 'Attribut',
    value: 'Wert',
    none: 'Die Datei gibt nichts an.',
    failed: 'Die Angaben ließen sich nicht lesen: Die Datei wurde verschoben, gelöscht oder ist beschädigt.',
  },

  samples: {
    name: (number) => `synthetisch-${number}.bmp`,
    notice: 'Eine synthetische Aufnahme, von diesem Programm gezeichnet. Sie zeigt niemanden: An ihr ist zu sehen, wie die Seite arbeitet.',
    failed: 'Die synthetischen Aufnahmen konnten nicht gezeichnet werden, weil die Auswertung nicht gestartet ist.',
  },

  shortcuts: {
    title: 'Tasten',
    page: 'Auf der ganzen Seite',
    films: 'In der Liste der Aufnahmen',
    viewer: 'In der Aufnahme, sobald sie den Fokus hat',
    close: 'Schließen',
    keys: [
      { keys: ['Tab'], does: 'Zum nächsten Bedienelement' },
      { keys: ['Strg V', '⌘ V'], does: 'Eine Aufnahme einfügen' },
      { keys: ['Strg P', '⌘ P'], does: 'Bericht zur gezeigten Aufnahme drucken' },
      { keys: ['Strg /', '⌘ /'], does: 'Diese Liste' },
    ],
  },

  requests: {
    sent: {
      nothing:
        'Nichts. Seit das Modell geladen ist, haben weder diese Seite noch ihre Hintergrundprozesse eine Anfrage gestellt; so zählt es der Browser selbst.',
      something: 'Seit das Modell geladen ist, gab es Anfragen; die der Seite zählt der Browser unten auf.',
    },
    verify: 'Prüfen Sie es selbst',
    steps: [
      'Öffnen Sie die Entwicklerwerkzeuge des Browsers (F12 oder ⌘ ⌥ I) und darin „Netzwerk“.',
      'Lassen Sie eine Aufnahme auswerten: Es kommen nur Zeilen mit dem Wort „blob“ hinzu; das ist der Speicher dieses Rechners.',
      'Oder trennen Sie das Netz und lassen Sie eine Aufnahme auswerten: Es geht wie zuvor.',
    ],
    loaded: (files) => `Was vorher geladen wurde, alles von dieser Website: ${files} ${files === 1 ? 'Datei' : 'Dateien'}`,
    offline:
      'Danach kann der Browser selbst diese Website noch einmal nach denselben Dateien fragen: um sie zu speichern, damit die Seite ohne Netz aufgeht, und bei späteren Besuchen, um zu sehen, ob es neuere gibt. Er speichert weder Aufnahme noch Ergebnis. Eine Regel der Seite (Content-Security-Policy) verbietet jede andere Adresse.',
    check: 'Die Dateien dieser Seite mit den veröffentlichten Prüfsummen vergleichen',
    since: (count) =>
      count === 0 ? 'Anfragen, seit das Modell geladen ist: keine.' : `Anfragen, seit das Modell geladen ist: ${count}, alle an Dateien dieser Seite.`,
  },

  ownModel: {
    open: 'Ein eigenes Modell …',
    title: 'Ein eigenes Modell',
    lead: 'Aufnahmen kann ein Modell auswerten, das Sie an eigenen Aufnahmen trainiert haben. Es bleibt in dieser Seite, bis sie geschlossen wird: Nichts wird gespeichert, geladen oder gesendet.',
    what: 'Wählen Sie den Ordner, den das Training geschrieben hat, oder ein ZIP davon: manifest.json mit den Gewichtsdateien, die darin stehen, und evidence.json oder metrics.json, wenn Sie es gemessen haben. Zuerst werden Format, Prüfsummen, Formen und die bekannte Antwort geprüft.',
    chooseFolder: 'Ordner wählen …',
    chooseFiles: 'ZIP oder Dateien wählen …',
    foundTitle: 'Aufnahmen mit diesem Modell auswerten?',
    found: (name, files) => `${name ? `„${name}“ enthält` : 'Das ist'} ein Modell und keine Aufnahmen: ${files === 1 ? 'eine Datei' : `${files} Dateien`}.`,
    use: 'Dieses Modell verwenden',
    not: 'Jetzt nicht',
    checking: 'Das Modell wird geprüft …',
    failedTitle: 'Dieses Modell lässt sich nicht verwenden',
    failures: {
      model_manifest_missing: 'Es fehlt die Datei manifest.json. Wählen Sie den ganzen Ordner, den das Training geschrieben hat.',
      model_manifest: 'Die Datei manifest.json ist beschädigt oder gehört zu keinem Modell. Kopieren Sie sie noch einmal von dort, wo trainiert wurde.',
      model_layout: 'Das Manifest hat ein Format, das diese Version der Seite nicht kennt. Trainieren Sie mit dem Programm derselben Version wie die Seite.',
      model_file_missing: 'Eine Gewichtsdatei, die im Manifest steht, fehlt. Wählen Sie den ganzen Ordner, den das Training geschrieben hat.',
      model_hash:
        'Eine Gewichtsdatei ist nicht die, die im Manifest steht: Sie ist beschädigt oder aus einem anderen Training. Kopieren Sie alle Dateien noch einmal.',
      model_shape:
        'Die Gewichte haben nicht die Form, die dieses Programm braucht, oder sind beschädigt. Trainieren Sie mit dem Programm derselben Version wie die Seite.',
      model_unfinished: 'Das Modell ist nicht fertig. Führen Sie die restlichen Schritte des Trainings aus, deren letzter es kalibriert (train verdict).',
      model_answer: 'Das Modell gibt auf die bekannte Aufnahme nicht seine bekannte Antwort. Gewichte und Manifest gehören nicht zusammen: Trainieren Sie neu.',
      model_same: 'Das ist das Modell dieser Seite.',
      too_many_bytes: 'Eine der Dateien ist zu groß für ein Modell.',
      unreadable: 'Der Browser konnte eine der Dateien nicht lesen. Wählen Sie den Ordner noch einmal.',
    },
    failed: 'Das Modell ließ sich nicht öffnen.',
    stays: 'Das bisherige Modell bleibt in Gebrauch.',
    close: 'Schließen',
    notBlind: 'Das ist ein Modell und keine Aufnahme. Verlassen Sie die blinde Befundung, um ein anderes Modell zu verwenden.',
    bannerTitle: 'Ihr eigenes Modell ist in Gebrauch, nicht das dieser Seite',
    banner: ({ version, sha256 }) => `Version ${version}, SHA-256 ${sha256.slice(0, 12)}…, bis diese Seite geschlossen wird.`,
    evidence: 'Die Messwerte bei seinen Ergebnissen lagen ihm bei; diese Seite hat sie nicht gemessen.',
    evidenceNot:
      'Die beiliegenden Messwerte sind beschädigt oder gehören zu einem anderen Modell und werden nicht gezeigt: Wie verlässlich es ist, ist nicht bekannt.',
    evidenceNone: 'Messwerte lagen ihm nicht bei: Wie verlässlich es ist, ist nicht bekannt.',
    back: 'Zurück zum Modell dieser Seite',
    backFailed: 'Das Modell dieser Seite ließ sich nicht starten. Versuchen Sie es noch einmal, oder laden Sie die Seite neu.',
    announce: 'Ihr eigenes Modell wertet jetzt die Aufnahmen aus.',
    announceBack: 'Das Modell dieser Seite wertet wieder die Aufnahmen aus.',
    othersTitle: 'Ergebnisse eines anderen Modells',
    others: (films) => `${films === 1 ? 'Eine Aufnahme hat' : `${films} Aufnahmen hat`} ein anderes Modell ausgewertet als das, das in Gebrauch ist.`,
    again: (films) => (films === 1 ? 'Mit dem jetzigen Modell neu auswerten' : `Diese ${films} Aufnahmen neu auswerten`),
    otherModel:
      'Diese Aufnahme hat ein anderes Modell ausgewertet als das, das in Gebrauch ist. Dessen Messwerte sagen nichts darüber, wie verlässlich jenes ist.',
    ready: (version) => `Bereit. Ihr eigenes Modell ${version}, auf diesem Rechner`,
    name: (version) => `Eigenes Modell des Benutzers, ${version}`,
    readBy: ({ version, sha256 }) =>
      `Ausgewertet von einem eigenen Modell des Benutzers, Version ${version} (SHA-256 ${sha256.slice(0, 12)}…), nicht von dem dieser Seite.`,
    validated: 'Ein eigenes Modell des Benutzers hat diese Aufnahmen ausgewertet, nicht das dieser Seite.',
    unknown: 'Wie verlässlich dieses Modell ist, ist nicht bekannt.',
    noFigures: 'Messwerte lagen diesem Modell nicht bei: Wie verlässlich es ist, ist nicht bekannt.',
    probabilitiesNote: 'So kalibriert, wie es beim Training dieses Modells geschah.',
    evidenceLead: 'Diese Messwerte lagen dem Modell bei; diese Seite hat sie nicht gemessen.',
    figures: {
      card: 'Eigene Messwerte',
      compared: (set, { covid19, normal, pneumonia }) =>
        `Neben Ihren Aufnahmen: die Messwerte, die diesem Modell beilagen (${set}; ${covid19}-mal COVID-19, ${normal} normal, ${pneumonia}-mal Pneumonie). Diese Seite hat sie nicht gemessen.`,
      noCard: 'Diesem Modell lagen keine Messwerte zum Vergleich bei.',
    },
  },

  validate: {
    how: {
      title: 'An eigenen Aufnahmen prüfen',
      lead: 'Geben Sie der Seite Aufnahmen, von denen Sie wissen, was sie zeigen. Sie werden hier auf diesem Gerät ausgewertet, und die Seite sagt, wie oft sie richtig lag, neben den Zahlen der Modellkarte. Nichts verlässt diese Seite.',
      table: 'Mit einer Tabelle',
      tableText:
        'Aufnahmen und eine CSV-Datei mit den Spalten file (oder path), label und möglichst patient, getrennt durch Kommas, Semikolons oder Tabulatoren. Pfade gelten ab dem Ordner, in dem die Tabelle liegt.',
      folders: 'Mit Ordnern',
      foldersText: 'Ordner, die danach benannt sind, was ihre Aufnahmen zeigen. Was andere Namen bedeuten, sagen Sie danach.',
      note: 'Nennen Sie Patienten bei einer beliebigen Nummer. Mehrere Aufnahmen eines Patienten gelten dann nicht als unabhängig. Wählen Sie den Ordner, der alles enthält, oder ziehen Sie ihn auf die Seite.',
      chooseFolder: 'Ordner wählen …',
      chooseFiles: 'Aufnahmen und Tabelle wählen …',
    },
    offer: {
      title: 'Diese Aufnahmen haben Befunde',
      titleNoFilms: 'Die Aufnahmen zur Tabelle fehlen',
      table: (films) => (films === 1 ? 'Eine Tabelle sagt, was eine der Aufnahmen zeigt.' : `Eine Tabelle sagt, was ${films} der Aufnahmen zeigen.`),
      folders: (films) => `Ordner sind danach benannt, was ihre Aufnahmen zeigen: ${films} Aufnahmen.`,
      noFilms:
        'Eine Tabelle sagt, was Aufnahmen zeigen, aber keine davon ist hier. Fügen Sie die Aufnahmen hinzu, am besten mit dem Ordner, in dem die Tabelle liegt.',
      what: 'Die Seite kann sagen, wie oft sie bei ihnen richtig lag.',
      validate: 'An diesen Aufnahmen prüfen',
      dismiss: 'Jetzt nicht',
    },
    ask: {
      title: 'Was die Befunde bedeuten',
      lead: (films, isByTable) =>
        `${films === 1 ? 'Eine Aufnahme hat einen Befund' : `${films} Aufnahmen haben einen Befund`}, nach ${isByTable ? 'der Tabelle' : 'den Namen der Ordner'}. Sagen Sie, was jeder bedeutet. Was zu keiner der drei Klassen passt, bleibt weg.`,
      leaveOut: 'Weglassen',
      films: (films) => (films === 1 ? '1 Aufnahme' : `${films} Aufnahmen`),
      without: (films) => (films === 1 ? 'Eine Aufnahme ohne Befund bleibt weg' : `${films} Aufnahmen ohne Befund bleiben weg`),
      rowsWithout: (rows) => (rows === 1 ? 'Eine Zeile ohne Aufnahme bleibt weg' : `${rows} Zeilen ohne Aufnahme bleiben weg`),
      why: {
        ambiguous: 'die Tabelle kann eine andere meinen',
        contradicted: 'die Tabelle sagt zweierlei über sie',
        twice: 'sie ist zweimal da',
        other_model: 'ein anderes Modell hat sie ausgewertet',
      },
      nothing: 'Sagen Sie mindestens für einen Befund, welche Klasse er bedeutet.',
      validate: 'Prüfen',
      cancel: 'Abbrechen',
    },
    title: 'Prüfung an eigenen Aufnahmen',
    show: 'Zahlen zeigen',
    hide: 'Zahlen verbergen',
    close: 'Prüfung beenden',
    reading: (done, of) => `Auswertung … ${done} von ${of} Aufnahmen mit Befund`,
    counting: 'Es wird gezählt …',
    failed: 'Die Zahlen konnten nicht berechnet werden: Das Programm ist stehen geblieben.',
    again: 'Noch einmal versuchen',
    announce: (films) => (films === 1 ? 'Die Prüfung ist fertig, an einer Aufnahme.' : `Die Prüfung ist fertig, an ${films} Aufnahmen.`),
    noneRead: 'Keine der Aufnahmen mit Befund wurde ausgewertet.',
    facts: {
      films: 'Gezählte Aufnahmen',
      classes: ({ covid19, normal, pneumonia }) => `${covid19} COVID-19, ${normal} Normalbefund, ${pneumonia} Pneumonie`,
      patients: 'Patienten',
      unnamed:
        'Nicht alle Patienten sind genannt. Eine Aufnahme ohne Patient zählt als eigener Patient; sind mehrere von einem, so sind die Intervalle zu eng.',
      refused: 'Abgewiesen',
      unread: 'Nicht lesbar',
      cancelled: 'Abgebrochen, nicht ausgewertet',
      otherModel: 'Von einem anderen Modell ausgewertet, weggelassen',
      leftOut: 'Befund weggelassen',
      without: 'Ohne Befund, weggelassen',
      rowsWithout: 'Zeilen ohne Aufnahme',
    },
    verdicts: {
      title: 'Was gesagt wurde',
      truth: 'Befund',
      said: { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Pneumonie', uncertain: 'Keine Klasse genannt', refused: 'Abgewiesen' },
      all: 'Alle',
    },
    figures: {
      title: 'Kennzahlen, je mit 95-%-Intervall nach Patienten',
      what: 'Kennzahl',
      here: 'Ihre Aufnahmen',
      card: 'Modellkarte',
      compared: (set, { covid19, normal, pneumonia }) =>
        `Neben Ihren Aufnahmen: dieselben Kennzahlen, mit demselben Programm berechnet, an den Aufnahmen der Modellkarte aus Krankenhäusern, die dieses Modell nie gesehen hat (${set}; ${covid19} COVID-19, ${normal} Normalbefund, ${pneumonia} Pneumonie). Aufnahmen, Patienten und Befunde sind dort andere als Ihre.`,
      noCard: 'Die Zahlen der Modellkarte konnten nicht geladen werden.',
      basis:
        'Sensitivität, Spezifität und AUC zählen jede ausgewertete Aufnahme nach ihrer wahrscheinlichsten Klasse, auch solche, zu denen die Seite keine Klasse nennt oder die abgewiesen werden.',
      few: 'weniger als 5 Aufnahmen',
      pair: (one, other) => `AUC: ${answers[one]} gegen ${answers[other]}`,
      judged: 'Richtig, wo eine Klasse genannt wird',
      coverage: 'Die Klasse ist unter den nicht ausgeschlossenen',
      accuracy: 'Die wahrscheinlichste Klasse ist richtig',
      normalsNamed: (named, films) =>
        films === 1 ? `Bei einem Normalbefund wurde ${named}-mal COVID-19 genannt.` : `Bei ${films} Normalbefunden wurde ${named}-mal COVID-19 genannt.`,
      normalsWorst: (hospital, share, films) => `Im schlechtesten Krankenhaus der Modellkarte (${hospital}) waren es ${share} von ${films}.`,
      alone: 'Die beiden Verfahren allein',
    },
    diagrams: {
      title: 'Wie weit auf die Sicherheit Verlass ist',
      calibration: 'Kalibrierung',
      confidence: 'Genannte Sicherheit',
      right: 'Anteil der richtigen',
      films: 'Aufnahmen',
      calibrationSaid: (films, error) =>
        `${films === 1 ? 'Eine angenommene Aufnahme' : `${films} angenommene Aufnahmen`} nach der Wahrscheinlichkeit der wahrscheinlichsten Klasse; auf der Diagonale liegt das Modell so oft richtig, wie es angibt. Im Mittel weicht es um ${percent(error.value)} ab (${percentInterval(error)}).`,
      risk: 'Risiko und Abdeckung',
      kept: 'Behaltene Aufnahmen, die sichersten zuerst',
      wrong: 'Anteil der falschen',
      riskSaid: (films, all, half) =>
        `${films === 1 ? 'Eine angenommene Aufnahme' : `${films} angenommene Aufnahmen`}: Richtig sind ${percent(all.value)} (${percentInterval(all)}) von allen und ${percent(half.value)} (${percentInterval(half)}) der sichereren Hälfte.`,
      numbers: 'Die Werte',
    },
    wrong: {
      title: (films) => `Falsch eingestufte Aufnahmen: ${films}`,
      lead: 'Genannt wurde eine andere Klasse als die des Befunds; die sichersten zuerst.',
      open: 'Öffnen Sie eine, um sie anzusehen.',
      none: 'Bei keiner Aufnahme wurde eine andere Klasse genannt.',
      all: (films) => `Alle ${films} zeigen`,
      what: (truth, said, probability) => `${labels[truth]}, genannt: ${labels[said]} (${probability})`,
    },
    save: {
      title: 'Mitnehmen',
      csv: 'Aufnahmen speichern (CSV)',
      json: 'Kennzahlen speichern (JSON)',
      print: 'Drucken oder als PDF speichern',
      names: 'Mit Dateinamen',
      note: 'Eine Zeile je Aufnahme mit Befund und Antwort; alle Kennzahlen in voller Länge. Patienten erscheinen nur mit laufender Nummer.',
      saved: 'Die Datei ist gespeichert.',
    },
  },
  compare: {
    title: 'Vergleich',
    button: 'Vergleichen mit …',
    close: 'Schließen',
    swap: 'Tauschen',
    swapLong: 'Die beiden Aufnahmen tauschen',
    film: (side) => `Aufnahme ${side}`,
    result: 'Ganzes Ergebnis',
    resultOf: (side) => `Ganzes Ergebnis von Aufnahme ${side}`,
    tools: 'Werkzeuge für beide Aufnahmen',
    announce: (a, saidOfA, b, saidOfB) => `Zwei Aufnahmen werden verglichen. Aufnahme A, ${a}: ${saidOfA}. Aufnahme B, ${b}: ${saidOfB}.`,
    closed: 'Der Vergleich ist geschlossen.',
    marked: (name) => `${name} ist Aufnahme A eines Vergleichs. Gehen Sie zu einer anderen Aufnahme und drücken Sie C.`,
    unmarked: 'Keine Aufnahme ist für einen Vergleich gewählt.',
    layout: 'Wie die Aufnahmen liegen',
    layouts: { beside: 'Nebeneinander', over: 'Übereinander' },
    linked: 'Gekoppelt',
    links: {
      values: 'Fenster, Zoom und Ausschnitt der einen Aufnahme gelten auch für die andere. Das Fenster ist in beiden Aufnahmen derselbe Bereich der Werte.',
      range:
        'Fenster, Zoom und Ausschnitt der einen Aufnahme gelten auch für die andere. Ihre Werte sind von anderer Art oder anderem Bereich: Das Fenster gilt im Verhältnis zu dem, was in jeder vorkommt.',
      one: 'Eine der beiden Aufnahmen ist nicht zu sehen.',
      none: 'Keine der beiden Aufnahmen ist zu sehen.',
      off: 'Jede Aufnahme hat ihr eigenes Fenster, ihren Zoom und ihren Ausschnitt.',
    },
    toolsOf: (side) => `Die Zahlen sind die von Aufnahme ${side}.`,
    linkChosen: (isLinked) => (isLinked ? 'Die Aufnahmen sind gekoppelt' : 'Die Aufnahmen sind nicht gekoppelt'),
    wipe: 'Links bis hierher ist Aufnahme A zu sehen, rechts Aufnahme B',
    wipeValue: (percent) => `${percent} Prozent Aufnahme A, ${100 - percent} Prozent Aufnahme B`,
    table: 'Zahlen beider Aufnahmen',
    what: 'Anteil',
    difference: 'B minus A',
    points: (points) => `${points} Punkte`,
    probabilities: 'Kalibrierte Wahrscheinlichkeit',
    lungs: 'Anteil der Lunge an der Aufnahme',
    area: 'Beide Lungen',
    left: 'Linke Lunge, rechts auf der Aufnahme',
    right: 'Rechte Lunge, links auf der Aufnahme',
    refused: 'nicht beurteilt',
    noLungs: 'keine Lunge gefunden',
    unread: 'nicht ausgewertet',
    missing: 'nicht in diesem Ergebnis',
    noDifference: 'keiner: Eine der beiden Zahlen fehlt',
    note: 'Unterschiede sind in Prozentpunkten angegeben und vor dem Runden berechnet. Ein Unterschied allein sagt nicht, ob sich etwas verändert hat. Auch Belichtung, Einatmung und Lagerung ändern diese Zahlen.',
    otherModels: 'Die beiden Ergebnisse stammen von verschiedenen Modellen. Ihre Wahrscheinlichkeiten liegen nicht auf derselben Skala.',
    names: 'Mit den Dateinamen',
    sheetTitle: 'COVID-Classifier: zwei Aufnahmen im Vergleich',
    paper: (side, overlay) =>
      `Aufnahme ${side}${overlay === 'off' ? '' : `, darüber, was für ${answers[overlay] ?? overlay} spricht (orange; blau: was dagegen spricht), und die Kontur der Lunge`}`,
    chooseTitle: (name) => `${name} vergleichen mit …`,
    find: 'Nach Namen suchen',
    alone: 'Auf dieser Seite ist keine andere Aufnahme. Wählen Sie eine aus oder nehmen Sie eine synthetische.',
    more: (more) =>
      more === 1 ? 'Eine weitere Aufnahme: Geben Sie einen Teil ihres Namens ein.' : `${more} weitere Aufnahmen: Geben Sie einen Teil des Namens ein.`,
    noMatch: 'Keine Aufnahme passt.',
    sample: 'Eine synthetische Aufnahme',
    choose: 'Aufnahmen wählen …',
    cancel: 'Abbrechen',
    keys: [
      {
        keys: ['C'],
        does: 'In den Aufnahmen: Aufnahme A wählen; auf einer anderen: die beiden vergleichen. Strg oder ⌘ mit einem Klick vergleicht mit der gezeigten Aufnahme',
      },
      { keys: ['S'], does: 'Im Vergleich: die Aufnahmen tauschen' },
      { keys: ['K'], does: 'Koppeln oder trennen' },
      { keys: ['B'], does: 'Nebeneinander oder übereinander' },
      { keys: [',', '.'], does: 'Übereinander: weniger von Aufnahme A, mehr davon' },
      { keys: ['Esc'], does: 'Den Vergleich schließen' },
    ],
  },

  blind: {
    open: 'Blind befunden …',
    goOn: (number, of) => `Blind weiter befunden (${number} von ${of}) …`,
    toFigures: 'Zahlen der Blindbefundung …',
    title: 'Blind befunden',
    lead: 'Für Lehre und Befunderstudien: Sie befunden jede Aufnahme, bevor die Seite etwas dazu sagt.',
    steps: [
      'Sie sagen, was Sie sehen und wie sicher Sie sind. Bis dahin steht nichts von dem, was die Auswertung fand, auf der Seite.',
      'Ergebnis und Karte der Auswertung erscheinen. Sie können Ihre Antwort ändern; beide Antworten bleiben erhalten.',
      'Am Ende stehen Ihre Zahlen neben denen der Auswertung. Nach einem Namen wird nicht gefragt, und die Antworten bleiben auf dieser Seite.',
    ],
    films: (films) =>
      films === 0
        ? 'Noch sind keine Aufnahmen da. Ziehen Sie sie irgendwo auf diese Seite oder wählen Sie sie aus.'
        : films === 1
          ? 'Eine Aufnahme ist da.'
          : `${films} Aufnahmen sind da.`,
    shownBefore: (shown, films) =>
      `${shown === films ? 'Ihre Ergebnisse standen' : `Die Ergebnisse von ${shown} davon standen`} schon auf der Seite. Um keines vor Ihrer Antwort zu sehen, öffnen Sie erst „Blind befunden“ und holen Sie dann die Aufnahmen.`,
    count: 'Wie viele Aufnahmen',
    countWrong: (films) => (films === 1 ? 'Es ist nur eine Aufnahme da: Schreiben Sie 1.' : `Schreiben Sie eine ganze Zahl von 1 bis ${films}.`),
    noFilms: 'Wählen Sie erst Aufnahmen aus.',
    noneReadable: 'Keine dieser Aufnahmen ließ sich auswerten.',
    seed: 'Startwert der Reihenfolge',
    seedNote: 'Die Aufnahmen werden gemischt. Dieselben Aufnahmen und derselbe Startwert ergeben dieselbe Reihenfolge.',
    seedWrong: 'Schreiben Sie eine ganze Zahl von 0 bis 4294967295.',
    anotherSeed: 'Ein anderer',
    labels: (labelled, films) =>
      `${labelled === films ? (films === 1 ? 'Zur Aufnahme gibt es eine Diagnose' : `Zu allen ${films} Aufnahmen gibt es eine Diagnose`) : `Zu ${labelled} von ${films} Aufnahmen gibt es eine Diagnose`}, aus einer Tabelle oder dem Namen eines Ordners. Diagnosen werden am Ende gezeigt.`,
    noLabels:
      'Diagnosen wurden nicht gefunden und sind nicht nötig. Für Zahlen zu richtig und falsch legen Sie die Aufnahmen in Ordner mit den Namen covid19, normal und pneumonia oder geben Sie eine Tabelle dazu (CSV: file,label).',
    useLabels: 'Am Ende mit den Diagnosen vergleichen',
    start: 'Beginnen',
    back: 'Zurück zu den Aufnahmen',
    keysTitle: 'Tasten',
    keys: [
      { keys: ['1', '2', '3', '4'], does: 'COVID-19, Normalbefund, andere Pneumonie, keine Aussage' },
      { keys: ['5', '…', '9', '0'], does: 'Zu 50 bis 90 % sicher, zu 100 % sicher' },
      { keys: ['←', '→'], does: 'Weniger sicher, sicherer' },
      { keys: ['Eingabe'], does: 'Das Ergebnis zeigen; dann die nächste Aufnahme' },
    ],
    place: (number, of) => `Aufnahme ${number} von ${of}`,
    saysAt: (place) => `${place}; die Auswertung sagt`,
    ask: 'Was sehen Sie?',
    askAfter: 'Ihre Antwort, nachdem Sie die Auswertung gesehen haben',
    afterNote: 'Ändern Sie sie oder lassen Sie sie stehen. Ihre erste Antwort bleibt daneben erhalten.',
    answers: { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Andere Pneumonie', cannot_say: 'Keine Aussage' },
    sure: 'Wie sicher sind Sie?',
    sureness: (share) => percent(share),
    answerMissing: 'Wählen Sie zuerst eine Antwort.',
    sureMissing: 'Sagen Sie zuerst, wie sicher Sie sind.',
    show: 'Ergebnis zeigen',
    next: 'Nächste Aufnahme',
    toEnd: 'Zu den Zahlen',
    leave: 'Verlassen …',
    failedNote: 'Sie gehört nicht zu dieser Befundung.',
    later: 'Die Aufnahmen, die jetzt kamen, gehören nicht zu dieser Befundung. Sie stehen in der Liste, wenn Sie sie verlassen.',
    youSaid: (answer, sureness) =>
      answer === 'cannot_say'
        ? 'Sie konnten nicht sagen, was diese Aufnahme zeigt.'
        : `Sie sagten: ${answer === 'pneumonia' ? 'andere Pneumonie' : (answers[answer] ?? answer)}, zu ${percent(sureness ?? 0)} sicher.`,
    leaveTitle: 'Die Blindbefundung verlassen?',
    leaveText:
      'Sie können später weitermachen, solange diese Seite offen ist. Die Liste zeigt dann die Ergebnisse aller Aufnahmen, auch derer, zu denen Sie noch nichts gesagt haben; der Export vermerkt das bei jeder, die Sie danach befunden.',
    leaveNow: 'Vorerst verlassen',
    endNow: 'Hier enden, zu den Zahlen',
    stay: 'Bleiben',
    endTitle: 'Ihre Befunde neben denen der Auswertung',
    summary: (films, labelled) =>
      `Sie haben ${films === 1 ? 'eine Aufnahme' : `${films} Aufnahmen`} blind befundet; ${labelled === 0 ? 'zu keiner' : labelled === films ? 'zu allen' : labelled === 1 ? 'zu einer' : `zu ${labelled}`} gibt es eine Diagnose.`,
    leftOut: (films) =>
      films === 1
        ? 'Eine Aufnahme ließ sich nicht auswerten oder wurde entfernt und zählt nicht mit.'
        : `${films} Aufnahmen ließen sich nicht auswerten oder wurden entfernt und zählen nicht mit.`,
    refused: (films) => `Die Auswertung hat ${films === 1 ? 'eine Aufnahme' : `${films} Aufnahmen`} abgelehnt.`,
    shownInEnd: (films) => `Von ${films === 1 ? 'einer Aufnahme' : `${films} Aufnahmen`} stand das Ergebnis auf der Seite, bevor die Antwort gegeben wurde.`,
    figuresTitle: 'Zahlen mit 95-%-Intervallen',
    figuresNote:
      'Über die Aufnahmen mit Diagnose. Richtige, Sensitivität und Spezifität sind Anteile der Aufnahmen, für die eine Klasse genannt wurde; die ohne Klasse sind getrennt gezählt. Intervalle nach Wilson.',
    figuresNoLabels: 'Ohne Diagnosen ist niemand im Recht oder Unrecht. Zählen lässt sich, wie oft Sie und die Auswertung dasselbe sagen.',
    figure: 'Maß',
    columns: ['Sie', 'Sie, nach der Auswertung', 'Aus\u00adwertung'],
    accuracy: 'Richtig',
    sensitivity: (label) => `Sensitivität, ${hyphenated(answers[label] ?? label)}`,
    specificity: (label) => `Spezifität, ${hyphenated(answers[label] ?? label)}`,
    noClass: 'Keine Klasse genannt',
    agreement: 'Dieselbe Klasse wie die Auswertung, wo beide eine nennen',
    ofFilms: (count, n) => `${count} von ${n}`,
    changesTitle: 'Nachdem Sie die Auswertung gesehen haben',
    changedNone: 'Sie haben keine Antwort geändert.',
    changed: (count, n, share, interval) => `Sie haben Ihre Antwort bei ${count} von ${n} Aufnahmen geändert (${share}; 95-%-Intervall ${interval}).`,
    toReader: (films) => `Zur Klasse, die die Auswertung nannte: ${films}`,
    towardsRight: (films) => `Zum Richtigen hin: ${films}`,
    towardsWrong: (films) => `Zum Falschen hin: ${films}`,
    neither: (films) => `Weder vorher noch nachher richtig: ${films}`,
    saveTitle: 'Zum Mitnehmen',
    saveCsv: 'Als CSV speichern',
    saveJson: 'Als JSON speichern, mit den Zahlen',
    saveNote: 'Startwert und Modell stehen in der Datei, der Name einer Person nicht. Die Datei entsteht hier; keine Aufnahme ist Teil davon.',
    saved: 'Die Blindbefundung ist gespeichert.',
    listTitle: (films) => (films === 1 ? 'Die Aufnahme' : `Alle ${films} Aufnahmen`),
    listColumns: ['Aufnahme', 'Sie', 'Nach der Auswertung', 'Auswertung', 'Diagnose'],
    foot: (seed, version) => `Startwert der Reihenfolge: ${seed}.${version ? ` Modell ${version}.` : ''} Forschungswerkzeug, kein Medizinprodukt.`,
    again: 'Noch eine Runde …',
    againTitle: 'Noch eine Runde beginnen?',
    againText: 'Die Antworten dieser Runde stehen noch in keiner Datei und gehen verloren.',
  },
};

/** @param {number | null} inside */
function insideLungs(inside) {
  return inside === null ? '' : ` ${percent(inside)} dessen, was dafür spricht, ${lies(inside)} innerhalb der Lunge.`;
}

/** One per cent is singular. @param {number} inside */
function lies(inside) {
  return percent(inside) === percent(0.01) ? 'liegt' : 'liegen';
}

/**
 * "share of normal films called covid19" or "AUC, covid19 against normal, by the probability of covid19"; what is neither stays as it is.
 * @param {string} text
 */
function measure(text) {
  const [, films, called] = /^share of (\w+) films called (\w+)$/.exec(text) ?? [];
  if (called) return `Anteil der ${filmsOf[films] ?? films}, die als ${answers[called] ?? called} eingestuft werden`;
  const [, one, other, by] = /^AUC, (\w+) against (\w+), by the probability of (\w+)$/.exec(text) ?? [];
  if (by) return `AUC: ${answers[one] ?? one} gegen ${answers[other] ?? other}, nach der Wahrscheinlichkeit für ${answers[by] ?? by}`;
  return text;
}

/** In full, with the time zone, so that nobody takes it for another. @param {Date} when */
function dateAndTime(when) {
  return when.toLocaleString('de-DE', { dateStyle: 'long', timeStyle: 'long' });
}

/** @param {Estimate} estimate */
function share(estimate) {
  return { value: percent(estimate.value), interval: percentInterval(estimate) };
}

/** @param {string} backend @param {string | null} adapter */
function named(backend, adapter) {
  return `${backends[backend] ?? backend}${adapter ? ` (${adapter})` : ''}`;
}

/** @param {import('../report/types.js').Compute['attempts'][number]} attempt @returns {string | null} */
function trouble({ kind, reason }) {
  if (!reason) return null;
  return kind !== null && Object.hasOwn(troubles, kind) ? troubles[kind](reason) : reason;
}

/** Says where a long word may be broken in a narrow table. @param {string} words */
function hyphenated(words) {
  return words.replace('Normalbefund', 'Normal\u00adbefund');
}

/** @param {string} digits with a point */
function comma(digits) {
  return digits.replace('.', ',');
}
