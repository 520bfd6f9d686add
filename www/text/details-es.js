// Details of failures in Spanish.

import { detailIn } from './details.js';

/** What is damaged, and whether its name is feminine. @type {Record<string, [name: string, isFeminine: boolean]>} */
const things = {
  picture: ['La imagen', true],
  'run-length coded picture': ['La imagen codificada por longitud de series', true],
  'lossless JPEG': ['El JPEG sin pérdida', false],
  'JPEG 2000 picture': ['La imagen JPEG 2000', true],
  'DICOM file': ['El archivo DICOM', false],
  'DICOM film': ['La radiografía DICOM', true],
};

/** @type {Record<string, string>} */
const parts = {
  // Of DICOM.
  'it does not say how large its picture is': 'no indica el tamaño de su imagen',
  'it says that its samples have 0 bits (Bits Stored)': 'indica que sus valores tienen 0 bits (Bits Stored)',
  'its samples have more bits than there is room for': 'sus valores tienen más bits de los que caben',
  'its picture is empty': 'su imagen está vacía',
  'it says that its picture is compressed, and it is not': 'indica que su imagen está comprimida, y no lo está',
  'its pixels have neither one sample nor three': 'sus píxeles no tienen ni un valor ni tres',
  'its colours have samples of 32 bits': 'sus colores tienen valores de 32 bits',
  'it stores colour in a way that is not read': 'guarda el color de un modo que la página no lee',
  'its colours have samples of floating point': 'sus colores tienen valores de coma flotante',
  'its samples of floating point are compressed': 'sus valores de coma flotante están comprimidos',
  'its samples of 32 bits are compressed as JPEG, which has no more than 16': 'sus valores de 32 bits están comprimidos como JPEG, que no admite más de 16',
  // Of TIFF.
  'it has no page': 'no tiene ninguna página',
  'a page does not say its size': 'una página no indica su tamaño',
  'a pixel has fewer samples than its kind of colour needs': 'un píxel tiene menos valores de los que necesita su tipo de color',
  'a page has fewer pixels than it says': 'una página tiene menos píxeles de los que indica',
  'its palette is missing or too short': 'falta la paleta o es demasiado corta',
  'a strip or tile is not a JPEG': 'una banda o una tesela no es un JPEG',
  'a strip or tile is larger than the page says': 'una banda o una tesela es más grande de lo que indica la página',
  'a strip or tile is smaller than the page says': 'una banda o una tesela es más pequeña de lo que indica la página',
  'a strip or tile lies beyond the end of the file': 'una banda o una tesela queda más allá del final del archivo',
  'a strip or tile ends too early': 'una banda o una tesela termina demasiado pronto',
  'strips or tiles are missing': 'faltan bandas o teselas',
  'its strips or tiles have no size': 'sus bandas o teselas no tienen tamaño',
  'its strips or tiles lie over each other': 'sus franjas o teselas se solapan',
  'its JPEG tables are too large': 'sus tablas JPEG son demasiado grandes',
  'the blocks of its YCbCr have no size': 'los bloques de su color YCbCr no tienen tamaño',
  'its head is missing': 'falta la cabecera',
  'it has no directory of pages': 'no tiene directorio de páginas',
  'the JPEG in it': 'el JPEG que contiene',
  'the PNG in it': 'el PNG que contiene',
  'a strip or tile has other samples than the page says': 'una banda o una tesela tiene otros valores de los que indica la página',
  'the WebP in it': 'el WebP que contiene',
  // Of archives.
  'parts lie over each other': 'hay partes superpuestas',
  'more comes out than is said': 'sale más de lo que se indica',
  'less comes out than is said': 'sale menos de lo que se indica',
  'its checksum is another': 'la suma de verificación no coincide',
  'it is not where it is said to be': 'la parte no está donde se indica',
  'the archive ends too early': 'el archivo termina demasiado pronto',
  'its list is not all there': 'el índice está incompleto',
  'its list is damaged': 'el índice está dañado',
  'it has no end': 'falta el final',
  'its end is damaged': 'el final está dañado',
  // Of results.
  'a text': 'un texto',
  'a number': 'un número',
  'a number of 0 or more': 'un número a partir de 0',
  'a number from 0 to 1': 'un número de 0 a 1',
  'true or false': 'verdadero o falso',
  'a time such as 2026-02-03T04:05:06.789Z': 'una hora como 2026-02-03T04:05:06.789Z',
  'a list': 'una lista',
  'as it should be': 'como debería ser',
};

/** @param {string} words */
function damaged(words) {
  const [name, isFeminine] = things[words] ?? [`El ${words}`, false];
  return `${name} está ${isFeminine ? 'dañada o incompleta' : 'dañado o incompleto'}`;
}

/** @param {string} text a number with a point, and its unit */
const comma = (text) => text.replace('.', ',');

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @type {import('./details.js').Detail[]} */
const details = [
  [/^the file is empty: /, () => 'El archivo está vacío.'],
  [/^the (.+) is damaged or cut short \((.+)\): /, (what, part) => parts[part] && `${damaged(what)}: ${parts[part]}.`],
  [/^the (.+) is damaged or cut short: /, (what) => `${damaged(what)}.`],
  [/^the PNG is damaged, it has too many texts/, () => 'El PNG está dañado: tiene demasiados textos.'],
  [/^the DICOM file is damaged: (.+); copy/, (part) => parts[part] && `El archivo DICOM está dañado: ${parts[part]}.`],
  [/^the DICOM file is damaged, its sequences/, () => 'El archivo DICOM está dañado: sus secuencias están anidadas con demasiada profundidad.'],
  [/^the DICOM file is damaged, its picture is in too many/, () => 'El archivo DICOM está dañado: su imagen está en demasiados fragmentos.'],
  [/^this DICOM film is not read: (.+); export/, (part) => parts[part] && `${capital(parts[part])}.`],
  [/^the JPEG has fewer pixels than it says: /, () => 'El JPEG tiene menos píxeles de los que indica.'],
  [/^the browser gave more or fewer pixels/, () => 'El navegador ha dado más o menos píxeles de los indicados.'],
  [/^the image has (\d+ × \d+) pixels, more than (\d+) million: /, (size, most) => `La imagen tiene ${size} píxeles, más de ${most} millones.`],
  [/^the image has (\d+ × \d+) pixels, more than (\d+) along a side: /, (size, most) => `La imagen tiene ${size} píxeles, más de ${most} por lado.`],
  [
    /^the image has (\d+ × \d+) pixels; each side must have at least (\d+): /,
    (size, least) => `La imagen tiene ${size} píxeles; cada lado debe tener al menos ${least}.`,
  ],
  [/^the picture has too many pixels in colour: /, () => 'La imagen tiene demasiados píxeles para ser en color; en grises se podría leer.'],
  [/^the DICOM film has samples of 32 bits and needs too much memory/, () => 'La radiografía DICOM tiene valores de 32 bits y necesita demasiada memoria.'],
  [
    /^the DICOM film has samples of floating point and needs too much memory/,
    () => 'La radiografía DICOM tiene valores de coma flotante y necesita demasiada memoria.',
  ],
  [/^the DICOM file needs too much memory when/, () => 'El archivo DICOM necesita demasiada memoria al descomprimirse.'],
  [/^the (.+) needs too much memory: /, (what) => `${(things[what] ?? [`El ${what}`])[0]} necesita demasiada memoria.`],
  [
    /^([\d.]+\u202fMB); this page takes files up to ([\d.]+\u202fMB)\.$/,
    (size, most) => `${comma(size)}; esta página admite archivos de hasta ${comma(most)}.`,
  ],
  [/^Of the archive: method (\d+)\.$/, (method) => `Sobre el archivo ZIP: método ${method}.`],
  [/^Of the archive: (.+)\.$/, (part) => parts[part] && `Sobre el archivo ZIP: ${parts[part]}.`],
  [
    /^([\d.]+\u202fMB) unpacked; this page unpacks up to ([\d.]+\u202fMB) a film/,
    (size, most) => `${comma(size)} descomprimido; esta página descomprime hasta ${comma(most)} por radiografía y 20\u202fGB por archivo ZIP.`,
  ],
  [/^(\d+) files; this page unpacks up to (\d+)\.$/, (files, most) => `${files} archivos; esta página descomprime hasta ${most}.`],
  [/^There is no file to this result\.$/, () => 'No hay ningún archivo de este resultado.'],
  [/^The file is not JSON, or not all/, () => 'El archivo no es JSON o está incompleto.'],
  // Of a model.
  [/^There is no manifest\.json among the files\.$/, () => 'Entre los archivos no hay ningún manifest.json.'],
  [/^(\S+) is not beside the manifest\.$/, (file) => `${file} no está junto al manifiesto.`],
  [/^[Tt]he (?:model )?manifest has layout (\d+), not (\d+)/, (has, needs) => `El manifiesto tiene la versión de formato ${has}, no la ${needs}.`],
  [/^It names no weight files\.$/, () => 'No nombra ningún archivo de pesos.'],
  [/^the model manifest has a version that is not 1 to (\d+)/, (most) => `La versión del manifiesto no consta de 1 a ${most} caracteres visibles.`],
  [/^the model manifest has a calibration out of range/, () => 'La calibración del manifiesto está fuera de sus límites.'],
  [/^the model manifest is damaged/, () => 'El manifiesto está dañado.'],
  [/^the model manifest names a file of another folder/, () => 'El manifiesto nombra un archivo de otra carpeta.'],
  [/^the model manifest names no file for (\w+)/, (part) => `El manifiesto no nombra ningún archivo para ${part}.`],
  [/^the model was made for other features or labels/, () => 'El modelo se hizo para otras medidas o clases que las de este programa.'],
  [/^the model file (\S+) is missing/, (file) => `Falta el archivo del modelo ${file}.`],
  [/^(\S+) is damaged: it is not the file that the manifest names/, (file) => `${file} está dañado: no es el archivo que nombra el manifiesto.`],
  [/^the model has not been calibrated/, () => 'El modelo no está calibrado.'],
  [/^no back-end runs the networks/, () => 'Ningún motor de cálculo da la respuesta conocida con estas redes.'],
  [/^the weight file is damaged/, () => 'El archivo de pesos está dañado.'],
  [/^the weight file has no tensor (\S+)/, (name) => `En el archivo de pesos falta el tensor ${name}.`],
  [/^tensor (\S+) is (.+), not (.+)$/, (name, is, expected) => `El tensor ${name} es ${is}, no ${expected}.`],
  [/^a value of (\S+) is not a finite number/, (name) => `Un valor de ${name} no es un número finito.`],
  [/^the weights do not fit/, () => 'Los pesos no corresponden a la red.'],
  // Of results, and of files that a server does not give.
  [/^(.+) is not (.+)$/, (at, part) => parts[part] && `${at === 'the file' ? 'El archivo' : at} no es ${parts[part]}.`],
  [/^“(.*)”$/, (schema) => `«${schema}»`],
  [/^(\S+): (\d{3})\b.*$/, (file, status) => `${file}: el servidor responde ${status}.`],
];

/** @param {string} message @returns {string | null} null where it is not known */
export const detailInSpanish = (message) => detailIn(details, message);
