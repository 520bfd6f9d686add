// Details of failures in German.

import { detailIn } from './details.js';

/** What is damaged, in the nominative. @type {Record<string, string>} */
const things = {
  picture: 'Das Bild',
  'run-length coded picture': 'Das lauflängenkodierte Bild',
  'lossless JPEG': 'Das verlustfreie JPEG',
  'JPEG 2000 picture': 'Das JPEG-2000-Bild',
  'DICOM file': 'Die DICOM-Datei',
  'DICOM film': 'Die DICOM-Aufnahme',
};

/** @type {Record<string, string>} */
const parts = {
  // Of DICOM.
  'it does not say how large its picture is': 'Sie gibt nicht an, wie groß ihr Bild ist',
  'it says that its samples have 0 bits (Bits Stored)': 'Laut Datei haben ihre Werte 0 Bits (Bits Stored)',
  'its samples have more bits than there is room for': 'Ihre Werte haben mehr Bits, als Platz ist',
  'its picture is empty': 'Ihr Bild ist leer',
  'it says that its picture is compressed, and it is not': 'Sie nennt ihr Bild komprimiert, und das ist es nicht',
  'its pixels have neither one sample nor three': 'Ihre Pixel haben weder einen Wert noch drei',
  'its colours have samples of 32 bits': 'Ihre Farben haben Werte von 32 Bit',
  'it stores colour in a way that is not read': 'Sie speichert Farbe auf eine Weise, die nicht gelesen wird',
  'its colours have samples of floating point': 'Ihre Farben haben Gleitkommawerte',
  'its samples of floating point are compressed': 'Ihre Gleitkommawerte sind komprimiert',
  'its samples of 32 bits are compressed as JPEG, which has no more than 16': 'Ihre Werte von 32 Bit sind als JPEG komprimiert, das höchstens 16 hat',
  // Of TIFF.
  'it has no page': 'Es hat keine Seite',
  'a page does not say its size': 'Eine Seite gibt ihre Größe nicht an',
  'a pixel has fewer samples than its kind of colour needs': 'Ein Pixel hat weniger Werte, als seine Farbe braucht',
  'a page has fewer pixels than it says': 'Eine Seite hat weniger Pixel, als sie angibt',
  'its palette is missing or too short': 'Die Palette fehlt oder ist zu kurz',
  'a strip or tile is not a JPEG': 'Ein Streifen oder eine Kachel ist kein JPEG',
  'a strip or tile is larger than the page says': 'Ein Streifen oder eine Kachel ist größer, als die Seite angibt',
  'a strip or tile is smaller than the page says': 'Ein Streifen oder eine Kachel ist kleiner, als die Seite angibt',
  'a strip or tile lies beyond the end of the file': 'Ein Streifen oder eine Kachel liegt hinter dem Ende der Datei',
  'a strip or tile ends too early': 'Ein Streifen oder eine Kachel endet zu früh',
  'strips or tiles are missing': 'Streifen oder Kacheln fehlen',
  'its strips or tiles have no size': 'Streifen oder Kacheln haben keine Größe',
  'its strips or tiles lie over each other': 'Streifen oder Kacheln liegen übereinander',
  'its JPEG tables are too large': 'Die JPEG-Tabellen sind zu groß',
  'the blocks of its YCbCr have no size': 'Die Blöcke der YCbCr-Farben haben keine Größe',
  'its head is missing': 'Der Kopf fehlt',
  'it has no directory of pages': 'Das Verzeichnis der Seiten fehlt',
  'the JPEG in it': 'Das JPEG darin',
  'the PNG in it': 'Das PNG darin',
  'a strip or tile has other samples than the page says': 'Ein Streifen oder eine Kachel hat andere Werte, als die Seite angibt',
  'the WebP in it': 'Das WebP darin',
  // Of archives.
  'parts lie over each other': 'Teile liegen übereinander',
  'more comes out than is said': 'Es kommt mehr heraus als angegeben',
  'less comes out than is said': 'Es kommt weniger heraus als angegeben',
  'its checksum is another': 'Die Prüfsumme ist eine andere',
  'it is not where it is said to be': 'Der Teil liegt nicht, wo er liegen soll',
  'the archive ends too early': 'Das Archiv endet zu früh',
  'its list is not all there': 'Das Verzeichnis ist nicht vollständig',
  'its list is damaged': 'Das Verzeichnis ist beschädigt',
  'it has no end': 'Das Ende fehlt',
  'its end is damaged': 'Das Ende ist beschädigt',
  // Of results.
  'a text': 'ein Text',
  'a number': 'eine Zahl',
  'a number of 0 or more': 'eine Zahl ab 0',
  'a number from 0 to 1': 'eine Zahl von 0 bis 1',
  'true or false': 'wahr oder falsch',
  'a time such as 2026-02-03T04:05:06.789Z': 'eine Zeit wie 2026-02-03T04:05:06.789Z',
  'a list': 'eine Liste',
  'as it should be': 'wie erwartet',
};

/** @param {string} words */
const thing = (words) => things[words] ?? `Das ${words}`;

/** @param {string} text a number with a point, and its unit */
const comma = (text) => text.replace('.', ',');

/** @type {import('./details.js').Detail[]} */
const details = [
  [/^the file is empty: /, () => 'Die Datei ist leer.'],
  [/^the (.+) is damaged or cut short \((.+)\): /, (what, part) => parts[part] && `${thing(what)} ist beschädigt oder abgeschnitten: ${parts[part]}.`],
  [/^the (.+) is damaged or cut short: /, (what) => `${thing(what)} ist beschädigt oder abgeschnitten.`],
  [/^the PNG is damaged, it has too many texts/, () => 'Das PNG ist beschädigt: Es hat zu viele Texte.'],
  [/^the DICOM file is damaged: (.+); copy/, (part) => parts[part] && `Die DICOM-Datei ist beschädigt: ${parts[part]}.`],
  [/^the DICOM file is damaged, its sequences/, () => 'Die DICOM-Datei ist beschädigt: Ihre Sequenzen sind zu tief geschachtelt.'],
  [/^the DICOM file is damaged, its picture is in too many/, () => 'Die DICOM-Datei ist beschädigt: Ihr Bild besteht aus zu vielen Stücken.'],
  [/^this DICOM film is not read: (.+); export/, (part) => parts[part] && `${parts[part]}.`],
  [/^the JPEG has fewer pixels than it says: /, () => 'Das JPEG hat weniger Pixel, als es angibt.'],
  [/^the browser gave more or fewer pixels/, () => 'Der Browser lieferte mehr oder weniger Pixel als angegeben.'],
  [/^the image has (\d+ × \d+) pixels, more than (\d+) million: /, (size, most) => `Das Bild hat ${size} Pixel, mehr als ${most} Millionen.`],
  [/^the image has (\d+ × \d+) pixels, more than (\d+) along a side: /, (size, most) => `Das Bild hat ${size} Pixel, mehr als ${most} an einer Seite.`],
  [
    /^the image has (\d+ × \d+) pixels; each side must have at least (\d+): /,
    (size, least) => `Das Bild hat ${size} Pixel; jede Seite muss mindestens ${least} haben.`,
  ],
  [/^the picture has too many pixels in colour: /, () => 'Das Bild hat für ein farbiges zu viele Pixel; als Graustufen ginge es.'],
  [/^the DICOM film has samples of 32 bits and needs too much memory/, () => 'Die DICOM-Aufnahme hat Werte von 32 Bit und braucht zu viel Speicher.'],
  [/^the DICOM film has samples of floating point and needs too much memory/, () => 'Die DICOM-Aufnahme hat Gleitkommawerte und braucht zu viel Speicher.'],
  [/^the DICOM file needs too much memory when/, () => 'Die DICOM-Datei braucht entpackt zu viel Speicher.'],
  [/^the (.+) needs too much memory: /, (what) => `${thing(what)} braucht zu viel Speicher.`],
  [/^([\d.]+\u202fMB); this page takes files up to ([\d.]+\u202fMB)\.$/, (size, most) => `${comma(size)}; diese Seite nimmt Dateien bis ${comma(most)}.`],
  [/^Of the archive: method (\d+)\.$/, (method) => `Zum Archiv: Verfahren ${method}.`],
  [/^Of the archive: (.+)\.$/, (part) => parts[part] && `Zum Archiv: ${parts[part]}.`],
  [
    /^([\d.]+\u202fMB) unpacked; this page unpacks up to ([\d.]+\u202fMB) a film/,
    (size, most) => `Entpackt ${comma(size)}; diese Seite entpackt bis ${comma(most)} je Aufnahme und 20\u202fGB je Archiv.`,
  ],
  [/^(\d+) files; this page unpacks up to (\d+)\.$/, (files, most) => `${files} Dateien; diese Seite entpackt bis zu ${most}.`],
  [/^There is no file to this result\.$/, () => 'Zu diesem Ergebnis gibt es keine Datei.'],
  [/^The file is not JSON, or not all/, () => 'Die Datei ist kein JSON oder nicht vollständig.'],
  // Of a model.
  [/^There is no manifest\.json among the files\.$/, () => 'Unter den Dateien ist keine manifest.json.'],
  [/^(\S+) is not beside the manifest\.$/, (file) => `${file} liegt nicht neben dem Manifest.`],
  [/^[Tt]he (?:model )?manifest has layout (\d+), not (\d+)/, (has, needs) => `Das Manifest hat die Fassung ${has}, nicht ${needs}.`],
  [/^It names no weight files\.$/, () => 'Es nennt keine Gewichtsdateien.'],
  [/^the model manifest has a version that is not 1 to (\d+)/, (most) => `Die Version im Manifest besteht nicht aus 1 bis ${most} sichtbaren Zeichen.`],
  [/^the model manifest has a calibration out of range/, () => 'Die Kalibrierung im Manifest liegt außerhalb ihrer Grenzen.'],
  [/^the model manifest is damaged/, () => 'Das Manifest ist beschädigt.'],
  [/^the model manifest names a file of another folder/, () => 'Das Manifest nennt eine Datei aus einem anderen Ordner.'],
  [/^the model manifest names no file for (\w+)/, (part) => `Das Manifest nennt keine Datei für ${part}.`],
  [/^the model was made for other features or labels/, () => 'Das Modell ist für andere Merkmale oder Klassen gemacht als die dieses Programms.'],
  [/^the model file (\S+) is missing/, (file) => `Die Modelldatei ${file} fehlt.`],
  [/^(\S+) is damaged: it is not the file that the manifest names/, (file) => `${file} ist beschädigt: Das ist nicht die Datei, die das Manifest nennt.`],
  [/^the model has not been calibrated/, () => 'Das Modell ist nicht kalibriert.'],
  [/^no back-end runs the networks/, () => 'Kein Rechenweg gibt mit diesen Netzen die bekannte Antwort.'],
  [/^the weight file is damaged/, () => 'Die Gewichtsdatei ist beschädigt.'],
  [/^the weight file has no tensor (\S+)/, (name) => `In der Gewichtsdatei fehlt der Tensor ${name}.`],
  [/^tensor (\S+) is (.+), not (.+)$/, (name, is, expected) => `Der Tensor ${name} ist ${is}, nicht ${expected}.`],
  [/^a value of (\S+) is not a finite number/, (name) => `Ein Wert von ${name} ist keine endliche Zahl.`],
  [/^the weights do not fit/, () => 'Die Gewichte passen nicht zum Netz.'],
  // Of results, and of files that a server does not give.
  [/^(.+) is not (.+)$/, (at, part) => parts[part] && `${at === 'the file' ? 'Die Datei' : at} ist nicht ${parts[part]}.`],
  [/^“(.*)”$/, (schema) => `„${schema}“`],
  [/^(\S+): (\d{3})\b.*$/, (file, status) => `${file}: Der Server antwortet mit ${status}.`],
];

/** @param {string} message @returns {string | null} null where it is not known */
export const detailInGerman = (message) => detailIn(details, message);
