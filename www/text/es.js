// Every sentence that the page writes, in Spanish. The shape is that of en.js; the type sees to it that nothing is missing.
// What Rust says in English is said again here by its kind, with the numbers of the report; what has no kind here stays English.

import { detailInSpanish } from './details-es.js';
import { cutShares, mostProbable } from '../report/film-facts.js';
import { duration, grouped, percent, percentInterval, score, scoreInterval } from './format.js';

/**
 * @typedef {import('../report/types.js').Estimate} Estimate
 * @typedef {import('../report/types.js').Label} Label
 * @typedef {import('../report/types.js').Report} Report
 */

/** @type {Record<string, string>} */
const labels = { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Neumonía' };

/** The classes within a sentence. @type {Record<string, string>} */
const answers = { covid19: 'COVID-19', normal: 'normal', pneumonia: 'neumonía' };

/** What something speaks for or against. @type {Record<string, string>} */
const findings = { covid19: 'COVID-19', normal: 'normalidad', pneumonia: 'neumonía' };

/** Films of a class, in the plural. @type {Record<string, string>} */
const filmsOf = { covid19: 'radiografías de COVID-19', normal: 'radiografías normales', pneumonia: 'radiografías de neumonía' };

/** The class that they are called. @type {Record<string, string>} */
const calledAs = { covid19: 'COVID-19', normal: 'normales', pneumonia: 'neumonía' };

/** @type {Record<string, string>} */
const blocks = {
  texture: 'Textura',
  fourier: 'Espectro de Fourier',
  wavelet: 'Ondículas',
  gray_level_difference: 'Diferencia de grises',
  cooccurrence: 'Coocurrencia',
};

/** @type {Record<string, string>} */
const blockMeanings = {
  texture: 'los propios niveles de gris',
  fourier: 'patrones finos y gruesos',
  wavelet: 'bordes a dos escalas',
  gray_level_difference: 'contraste a diez píxeles de distancia',
  cooccurrence: 'qué grises son vecinos',
};

/** @type {Record<string, string>} */
const statistics = {
  sum: 'suma',
  mean: 'media',
  standard_deviation: 'desviación estándar',
  skewness: 'asimetría',
  kurtosis: 'curtosis',
  energy: 'energía',
  entropy: 'entropía',
  maximum: 'máximo',
  mean_absolute_deviation: 'desviación absoluta media',
  median: 'mediana',
  minimum: 'mínimo',
  range: 'amplitud',
  root_mean_squared: 'media cuadrática',
  uniformity: 'uniformidad',
};

/** What the statistic is of. @type {Record<string, string>} */
const places = {
  image: '',
  magnitude: 'magnitud',
  right: 'hacia la derecha',
  down: 'hacia abajo',
  up_right: 'hacia arriba a la derecha',
  up_left: 'hacia arriba a la izquierda',
};

/** @type {Record<string, string>} */
const failures = {
  empty: 'El archivo está vacío. Obténgalo o expórtelo de nuevo.',
  unsupported_format:
    'La página no puede leer esta imagen. Lee DICOM, PNG, JPEG, JPEG 2000, WebP, BMP y TIFF; cuenta el contenido, no el nombre. Exporte la radiografía en uno de estos formatos.',
  decode: 'Empieza como una imagen, pero el resto está dañado o incompleto. Obtenga o exporte el archivo de nuevo.',
  too_large: 'La imagen supera lo que esta página lee: 64 millones de píxeles, y 65 535 por lado. Expórtela más pequeña.',
  too_small: 'La imagen es demasiado pequeña para ser una radiografía de tórax. Exporte la radiografía a tamaño completo.',
  model: 'El modelo no la ha aceptado.',
  dataset: 'La lista de radiografías no tiene la forma esperada.',
  io: 'El sistema operativo no ha podido leer el archivo.',
  internal: 'El programa ha cometido un error propio con esta radiografía. Expórtela de nuevo como PNG.',
  unreadable: 'El navegador no ha podido leer el archivo. Quizá sea una carpeta, o se haya movido o borrado después de elegirlo.',
  too_many_bytes: 'El archivo es demasiado grande para una radiografía. Exporte la radiografía como PNG.',
  zip_damaged: 'Esta parte de un archivo ZIP está dañada. Comprima de nuevo las radiografías o suéltelas sin comprimir.',
  zip_encrypted: 'Esta parte de un archivo ZIP está protegida con contraseña. Descomprímalo y suelte las radiografías.',
  zip_method: 'Esta parte de un archivo ZIP está comprimida de un modo que la página no conoce. Descomprímalo y suelte las radiografías.',
  zip_limit: 'El archivo ZIP contiene más de lo que esta página descomprime. Descomprímalo y suelte las radiografías.',
  crashed: 'El programa se ha detenido con esta radiografía y ha vuelto a arrancar. Inténtelo otra vez o expórtela de nuevo como PNG.',
  memory:
    'El navegador no ha dado memoria suficiente para analizar esta radiografía. Cierre otras pestañas y programas e inténtelo de nuevo, o exporte la radiografía más pequeña.',
  import_damaged: 'Son resultados de esta página, pero el archivo está dañado o se ha modificado. No se ha tomado nada de él.',
  import_schema: 'Son resultados de otra versión de esta página, que esta no conoce. No se ha tomado nada de ellos.',
  import_foreign: 'Es un archivo JSON, pero no contiene resultados exportados por esta página.',
  label_columns:
    'Esta tabla no dice qué muestran las radiografías. Nombre sus columnas en la primera línea: file (o path) y label. Una tabla de resultados exportada por esta página no sirve.',
  not_read: 'No se había analizado cuando se exportaron los resultados, y las radiografías no forman parte de una exportación.',
};

/** @type {Record<string, string>} */
const failuresShort = {
  empty: 'Archivo vacío',
  unsupported_format: 'Formato no admitido',
  decode: 'Imagen dañada',
  too_large: 'Imagen muy grande',
  too_small: 'Imagen muy pequeña',
  unreadable: 'Archivo ilegible',
  too_many_bytes: 'Archivo muy grande',
  zip_damaged: 'ZIP dañado',
  zip_encrypted: 'Con contraseña',
  zip_method: 'ZIP no admitido',
  zip_limit: 'ZIP muy grande',
  internal: 'Error interno',
  crashed: 'Programa detenido',
  memory: 'Falta memoria',
  import_damaged: 'Resultados dañados',
  import_schema: 'De otra versión',
  import_foreign: 'JSON ajeno',
  label_columns: 'Tabla sin etiquetas',
  not_read: 'No analizada',
};

/** @type {Record<string, string>} */
const verdictsShort = { not_normal: 'Anormal', uncertain: 'Indeterminada', refused: 'No valorable' };

/** @type {Record<string, string>} */
const starts = {
  fetch: 'No se ha podido cargar un archivo de esta página. Compruebe la red e inténtelo de nuevo.',
  worker: 'El navegador no ha iniciado el proceso en segundo plano. Recargue la página; si no sirve, use otro navegador.',
  wasm: 'El navegador no ha iniciado el programa WebAssembly: quizá esté dañado. Inténtelo de nuevo; si no sirve, use otro navegador.',
  memory: 'El navegador no ha dado memoria suficiente a esta página. Cierre otras pestañas y programas e inténtelo de nuevo.',
  model: 'Los archivos del modelo no corresponden al programa. Recargar puede ayudar: quizá procedan de dos versiones de esta página.',
};

/** @type {Record<string, string>} */
const backends = { webgpu: 'WebGPU', simd: 'WebAssembly SIMD', candle: 'candle' };

/** @type {Record<string, string>} */
const outcomes = { chosen: 'elegido', failed: 'ha fallado', passed_over: 'descartado', lost: 'perdido' };

/** @type {Record<string, string>} */
const colors = { gray8: 'grises de 8 bits', gray16: 'grises de 16 bits', color8: 'color de 8 bits', color16: 'color de 16 bits' };

/** @type {Record<string, string>} */
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
  'not an image': 'no es una imagen',
  'a JPEG XR picture': 'es una imagen JPEG XR',
  'a Photoshop document': 'es un documento de Photoshop',
  'a GIMP picture': 'es una imagen de GIMP',
  'an OpenEXR picture': 'es una imagen OpenEXR',
  'a Radiance picture': 'es una imagen Radiance',
  'a QOI picture': 'es una imagen QOI',
  'a farbfeld picture': 'es una imagen farbfeld',
  'a DDS texture': 'es una textura DDS',
  'an icon': 'es un icono',
  'an MNG animation': 'es una animación MNG',
  'a JNG picture': 'es una imagen JNG',
  'a FITS picture': 'es una imagen FITS',
  'a DjVu document': 'es un documento DjVu',
  'a PFM picture': 'es una imagen PFM',
  'an SGI picture': 'es una imagen SGI',
  'a PCX picture': 'es una imagen PCX',
  'a TGA picture': 'es una imagen TGA',
  'a PostScript document': 'es un documento PostScript',
  'an HDF5 file': 'es un archivo HDF5',
  'a PGM picture': 'es una imagen PGM',
  'a PPM picture': 'es una imagen PPM',
  'a PAM picture': 'es una imagen PAM',
  'an NRRD volume': 'es un volumen NRRD',
  'a NIfTI volume': 'es un volumen NIfTI',
  'an SVG drawing': 'es un dibujo SVG',
  'a NumPy array': 'es una matriz de NumPy',
  'a PDF document': 'es un documento PDF',
  'a ZIP archive or an Office document': 'es un archivo ZIP o un documento de Office',
  'a file packed by gzip': 'es un archivo comprimido con gzip',
  'a file packed by compress': 'es un archivo comprimido con compress',
  'a file packed by xz': 'es un archivo comprimido con xz',
  'a file packed by bzip2': 'es un archivo comprimido con bzip2',
  'a file packed by Zstandard': 'es un archivo comprimido con Zstandard',
  'a file packed by LZ4': 'es un archivo comprimido con LZ4',
  'a file packed by lzip': 'es un archivo comprimido con lzip',
  'a tar archive': 'es un archivo tar',
  'a cabinet archive (CAB)': 'es un archivo CAB',
  'an ARJ archive': 'es un archivo ARJ',
  'an LHA archive': 'es un archivo LHA',
  'a XAR archive': 'es un archivo XAR',
  'a StuffIt archive': 'es un archivo StuffIt',
  'an image of a CD (ISO)': 'es la imagen de un CD (ISO)',
  'a 7-Zip archive': 'es un archivo 7-Zip',
  'a RAR archive': 'es un archivo RAR',
  'an Office document': 'es un documento de Office',
  'a video': 'es un vídeo',
  'a PDF document in a DICOM file': 'es un documento PDF dentro de un archivo DICOM',
  'a CDA document in a DICOM file': 'es un documento CDA dentro de un archivo DICOM',
  'a surface model in a DICOM file': 'es un modelo de superficie dentro de un archivo DICOM',
  'DICOM raw data': 'es un archivo DICOM con datos en bruto',
  'a DICOM surface segmentation': 'es una segmentación de superficie (DICOM)',
  'a DICOM key object selection': 'es una selección de imágenes clave (DICOM)',
  'a DICOM radiation dose report': 'es un informe de dosis (DICOM)',
  'a DICOM waveform': 'es un registro de señales (DICOM)',
  'a DICOM structured report': 'es un informe estructurado (DICOM)',
  'a DICOM presentation state': 'es un estado de presentación (DICOM)',
  'a DICOM file of radiotherapy': 'es un archivo DICOM de radioterapia',
  'a DICOM file without a picture': 'es un archivo DICOM sin imagen',
};

/** What Rust says of a file that it does not read, and the same in Spanish; the name of its kind is what the parentheses hold. @type {[RegExp, (kind: string) => string][]} */
const unread = [
  [
    /^this is the index of a CD/,
    () =>
      'Este archivo es el índice de un CD o de una memoria USB (DICOMDIR), no una radiografía. Suelte los archivos que están junto a él o la carpeta entera.',
  ],
  [/^this is (.+): open the file that has the film$/, (kind) => `Este archivo ${kind}. Suelte el archivo que contiene la radiografía.`],
  [
    /^this is (.+), which is not read: export/,
    (kind) => `Este archivo ${kind}, que esta página no lee. Exporte la radiografía como PNG o como TIFF en grises de 16 bits.`,
  ],
  [
    /^this is (.+), which is not unpacked here/,
    (kind) => `Este archivo ${kind}, que esta página no descomprime. Descomprímalo y suelte las radiografías que contiene.`,
  ],
  [
    /^this is (.+?); /,
    (kind) => `Este archivo ${kind}. La página lee DICOM, PNG, JPEG, JPEG 2000, WebP, BMP y TIFF: exporte la radiografía en uno de estos formatos.`,
  ],
];

/** Kinds within a format that is read. @type {[RegExp, string][]} */
const unreadKinds = [
  [/^this DICOM film is not read/, 'Esta radiografía DICOM está guardada de un modo que la página no lee. Expórtela como PNG.'],
  [/^this TIFF has/, 'Este TIFF está guardado de un modo que la página no lee. Exporte la radiografía como TIFF en grises de 16 bits o como PNG.'],
  [/^this kind of (?!DICOM)|is not read: export/, 'La página no lee imágenes de esta clase. Exporte la radiografía como PNG o como TIFF en grises de 16 bits.'],
];

/** Rust's sentence in Spanish, where it is known; else null. @param {string} message */
function told(message) {
  for (const [pattern, spanish] of unread) {
    const match = pattern.exec(message);
    const kind = match?.[1] === undefined ? '' : kinds[match[1]];
    if (match && kind !== undefined) return spanish(kind);
  }
  return null;
}

/** @param {import('../report/types.js').Failure} failure */
function failedSentence({ kind, message, format }) {
  if (format)
    return `Es una imagen en formato ${formats[format] ?? format}, que ni esta página ni este navegador saben leer. Exporte la radiografía como JPEG o PNG.`;
  if (kind === 'unsupported_format') return told(message) ?? unreadKinds.find(([pattern]) => pattern.test(message))?.[1] ?? failures.unsupported_format;
  return failures[kind] ?? '';
}

/** Why the gate refuses, or no class is named. @type {Record<import('../report/types.js').ReasonKind, (report: Report) => string | null>} */
const reasons = {
  no_lungs: () => 'No se han encontrado pulmones en esta imagen. Suelte una radiografía frontal de tórax o recorte la imagen hasta dejar solo la radiografía.',
  unlike_training_films: () =>
    'Lo que la red convolucional ve aquí no se parece a ninguna radiografía de las que aprendió. Exporte la radiografía de nuevo, sin procesar, como DICOM o como PNG de 16 bits.',
  upside_down: () => 'Esta radiografía parece estar boca abajo. Analícela girada.',
  sideways: () => 'Esta radiografía parece estar tumbada. Analícela girada.',
  inverted: () => 'Esta radiografía parece invertida: clara donde debería ser oscura. Analícela con los grises invertidos.',
  cropped: () => 'Parece solo una parte de una radiografía de tórax; deben verse los dos pulmones. Suelte la radiografía entera.',
  squeezed: () =>
    'Esta imagen no tiene las proporciones de una radiografía frontal; las laterales no se valoran. Suelte la radiografía frontal con sus proporciones originales.',
  not_a_chest_film: () => 'No parece una radiografía frontal de tórax. Suelte una radiografía frontal o recorte la imagen hasta dejar solo la radiografía.',
  color_overlay: () => 'Hay color sobre esta radiografía, por ejemplo un mapa de calor o falso color. Suelte la radiografía sin color.',
  several_films: () => 'En esta imagen hay varias radiografías. Suelte cada una por separado.',
  crop_to_film: () => 'Esta imagen contiene algo más que una radiografía, o ninguna. Recórtela hasta dejar solo la radiografía.',
  enhanced: () =>
    'El contraste de esta radiografía parece realzado por zonas, con lo que las radiografías normales se asemejan a COVID-19: aquí no se afirma COVID-19. Exporte la radiografía sin ese procesado.',
  empty_set: () => 'Ninguna clase es lo bastante probable para nombrarla.',
  several_classes: ({ prediction_set }) => {
    const has = (/** @type {Label} */ label) => prediction_set?.includes(label);
    const [covid19, pneumonia] = [has('covid19'), has('pneumonia')];
    if (!covid19 && !pneumonia) return null;
    if (!has('normal')) return 'En esta radiografía no se puede distinguir entre COVID-19 y otra neumonía.';
    const shown = !covid19 ? 'una neumonía distinta de la COVID-19' : pneumonia ? 'COVID-19 u otra neumonía' : 'COVID-19';
    return `No se puede decir si esta radiografía es normal o muestra ${shown}.`;
  },
  readers_contradict: () => 'Los dos métodos se contradicen claramente en esta radiografía.',
  doubtful_film: () => 'Esta radiografía está en el límite de lo que se acepta como radiografía frontal de tórax.',
};

/** The pixels of the film, which may be a part of the picture. @param {Report} report */
function filmSize({ film, frame }) {
  if (!film) return null;
  return { width: Math.round((frame?.width ?? 1) * film.width_px), height: Math.round((frame?.height ?? 1) * film.height_px) };
}

/** What a DICOM film is, by Rust's words for its Modality. @type {Record<string, string>} */
const modalities = {
  'a CT': 'una TC',
  'an MRI': 'una RM',
  'an ultrasound picture': 'una ecografía',
  'a mammogram': 'una mamografía',
  'a nuclear medicine picture': 'una imagen de medicina nuclear',
  fluoroscopy: 'una fluoroscopia',
  'an angiogram': 'una angiografía',
  'a dental X-ray': 'una radiografía dental',
  'a bone density measurement': 'una densitometría ósea',
  'a picture of radiotherapy': 'una imagen de radioterapia',
  'a picture of a screen': 'una captura de pantalla',
  'a segmentation': 'una segmentación',
  'an ECG': 'un ECG',
  'a document': 'un documento',
  "a photograph or a microscope's picture": 'una fotografía o una imagen de microscopio',
};

/** @type {Record<import('../report/types.js').WarningKind, (report: Report, message: string) => string | null>} */
const warnings = {
  flat: () => 'Todos los píxeles de esta radiografía son iguales; no hay nada que analizar.',
  upscaled(report) {
    const film = filmSize(report);
    if (!film) return null;
    return `Esta radiografía tiene ${film.width} × ${film.height} píxeles y se ha ampliado a 512 × 512. El método de textura también mide la resolución: su respuesta no es fiable en radiografías ampliadas.`;
  },
  aspect_ratio: (report) => {
    const film = filmSize(report);
    if (!film) return null;
    const ratio = Math.max(film.width, film.height) / Math.min(film.width, film.height);
    return `El lado largo de esta radiografía mide ${comma(ratio.toFixed(1))} veces el corto; al comprimirla en un cuadrado, su textura se deforma.`;
  },
  color: () => 'Este archivo tiene color o transparencia; una radiografía simple no tiene ni lo uno ni lo otro.',
  more_frames: ({ film }) =>
    film?.format === 'tiff'
      ? 'Este archivo tiene varias páginas; solo se ha analizado la más grande.'
      : film?.format === 'dicom'
        ? 'Este archivo contiene varias imágenes; solo se ha analizado la primera.'
        : 'Este archivo es una animación o tiene varias imágenes; solo se ha analizado la primera.',
  scaled: ({ film }) =>
    film?.format === 'dicom'
      ? 'La ventana de este archivo no mostraría nada de sus valores; el menor valor presente se toma como negro y el mayor como blanco.'
      : 'Los valores de este archivo (coma flotante, con signo o de 32 bits) no tienen un negro y un blanco fijos; el menor valor presente se toma como negro y el mayor como blanco.',
  modality(_report, message) {
    const said = /says that this is (.+); the readers/.exec(message)?.[1];
    const what = said && modalities[said];
    return `Según el archivo, ${what ? `es ${what}` : 'no es una radiografía simple'}; los métodos solo conocen radiografías simples de tórax.`;
  },
  view: () => 'Según el archivo, no es una proyección frontal; los métodos solo conocen radiografías frontales.',
  body_part: () => 'Según el archivo, no muestra el tórax.',
  laterality: () => 'Según el archivo, muestra un solo lado del cuerpo; una radiografía de tórax muestra los dos.',
  turned: () =>
    'Esta radiografía se ha girado o reflejado según indica el archivo. Si la indicación no es correcta, la derecha y la izquierda están intercambiadas.',
  pixel_shape: () =>
    'Según el archivo, los píxeles tienen una forma que ningún detector tiene; aquí se toman como cuadrados. Si la radiografía se ve deformada, expórtela como PNG desde un visor.',
  enhanced: () =>
    'El contraste de esta radiografía parece realzado por zonas, por ejemplo con CLAHE. Así los pulmones normales se asemejan a los de COVID-19: exporte la radiografía sin ese procesado.',
  photograph: () =>
    'Parece una fotografía de una pantalla, de un negatoscopio o de un papel, o un escaneo en color. La perspectiva, los reflejos y la trama de la pantalla permanecen y pueden cambiar la respuesta: exporte la propia radiografía.',
  mirrored: () =>
    'El corazón parece estar en el lado derecho del paciente. La derecha y la izquierda pueden estar intercambiadas: compárelo con la marca de lado de la radiografía.',
  decoded_elsewhere: ({ film }) =>
    `Este archivo (${(film && formats[film.format]) ?? 'de otro formato'}) lo ha descodificado el navegador, que puede haber cambiado niveles de gris. Como DICOM, PNG o TIFF, la radiografía se lee sin ello.`,
  child: () => 'Parece la radiografía de un niño. Lo que se sabe sobre la fiabilidad del resultado procede de adultos.',
  readers_disagree: ({ readers }) =>
    readers &&
    `Los métodos no coinciden: el de textura dice ${answers[mostProbable(readers.texture)]} y la red convolucional, ${answers[mostProbable(readers.convnet)]}.`,
  outside_training_range: (_report, message) => {
    const [, outside, of] = /^(\d+) of the (\d+)/.exec(message) ?? [];
    if (!of) return null;
    const lies = outside === '1' ? 'queda' : 'quedan';
    return `${outside} de las ${of} medidas ${lies} fuera del intervalo de las radiografías de entrenamiento: esta radiografía no se parece a ninguna de las que conoce el método de textura.`;
  },
};

/** Why a back-end was not chosen; numbers and names stand in the English sentence only. @type {Record<string, (reason: string) => string>} */
const troubles = {
  no_adapter: () => 'WebGPU no está disponible aquí.',
  software_adapter(reason) {
    const name = /\((.*)\)/.exec(reason)?.[1];
    return `El procesador gráfico${name ? ` (${name})` : ''} es solo un programa que se ejecuta en el procesador.`;
  },
  no_device: () => 'No se ha podido poner en marcha el procesador gráfico.',
  shader: () => 'El procesador gráfico ha rechazado un programa.',
  out_of_memory: () => 'El procesador gráfico no tiene memoria suficiente.',
  timed_out: () => 'El procesador gráfico no responde.',
  lost: () => 'Se ha perdido la conexión con el procesador gráfico.',
  self_test(reason) {
    const off = /([\d.]+) %/.exec(reason)?.[1];
    return `Su respuesta a la radiografía de comprobación se desvía${off ? ` un ${comma(off)}\u202f%` : ''}.`;
  },
  slower(reason) {
    const [, its, ours] = /([\d.]+) ms\D+([\d.]+) ms/.exec(reason) ?? [];
    if (!ours) return 'Funciona, pero es más lento que el procesador.';
    return `Funciona, pero tarda ${comma(its)}\u202fms en lo que el procesador hace en ${comma(ours)}\u202fms.`;
  },
  unknown_name(reason) {
    const name = /"([^"]*)"/.exec(reason)?.[1];
    return `No existe ningún motor de cálculo ${name ? `«${name}»` : 'con ese nombre'}; existen webgpu, simd y candle.`;
  },
  input: () => 'Los pesos o los datos de entrada no corresponden.',
};

/** Titles of the sets in metrics.json, by id. @type {Record<string, string>} */
const sets = {
  val_cohen: 'Cohen et al. (validación)',
  val_kermany: 'Kermany et al., niños de 1 a 5 años (validación)',
  val_nih: 'NIH ChestX-ray14, adultos (validación)',
  val_radiography: 'COVID-19 Radiography Database, adultos (validación)',
  val_nih2: 'NIH ChestX-ray14, otros pacientes, adultos (validación)',
  val_siim: 'SIIM-FISABIO-RSNA, España y EE. UU., leídas por un panel (validación)',
  val_shenzhen: 'Hospital n.º 3 de Shenzhen, China (validación)',
  val_quex: 'Parte de COVID-QU-Ex, clases inciertas (validación)',
  val_cxnet: 'COVID-CXNet, de publicaciones (validación)',
  external: 'Cohen et al., otros pacientes (externas)',
  external_montgomery: 'Condado de Montgomery, EE. UU. (externas)',
  external_peru: 'Un hospital de Perú (externas)',
  val_adult_normals: 'Radiografías normales de adultos: NIH y Radiography (validación)',
};

/** Hospitals of metrics.json, by their source. @type {Record<string, string>} */
const hospitals = {
  radiography: 'COVID-19 Radiography Database, adultos',
  kermany: 'Kermany et al., Cantón (China), niños de 1 a 5 años',
  nih: 'NIH ChestX-ray14, EE. UU., adultos',
  nih2: 'NIH ChestX-ray14, EE. UU., otros pacientes, adultos',
  cohen: 'Cohen et al., de publicaciones',
  siim: 'SIIM-FISABIO-RSNA, España y EE. UU., leídas por un panel',
  shenzhen: 'Hospital n.º 3 de Shenzhen, China',
  montgomery: 'Condado de Montgomery, EE. UU.',
  peru: 'Un hospital de Perú',
  quex: 'Parte de COVID-QU-Ex, clases inciertas',
  cxnet: 'COVID-CXNet, de publicaciones',
};

/** @param {import('../report/types.js').Hospital} hospital */
function hospitalName({ id, title, own }) {
  return (!own && hospitals[id.replace(/^external_/, '')]) || title;
}

/** How a hospital was kept from the networks. */
const keptWords = { left_out: 'excluido', external: 'externo' };

/** Sources of the figures in metrics.json, by the first word of the id. @type {Record<string, string>} */
const sources = {
  nih: 'NIH ChestX-ray14, copias de 256 px',
  radiography: 'COVID-19 Radiography Database (radiografías de validación), copias de 256 px',
  cohen: 'Cohen et al., pacientes que no están en la publicación; copias de 256 px',
  kermany: 'Kermany et al. (radiografías de validación), copias de 256 px',
};

/** @type {Record<string, string>} */
const populations = { adults: 'adultos', 'mostly adults': 'sobre todo adultos', 'children of 1 to 5 years': 'niños de 1 a 5 años' };

/** @type {Record<string, string>} */
const elsewhereSentences = {
  nih_normal_called_covid19: 'Radiografías normales de adultos que clasifica como COVID-19',
  cohen_pneumonia_called_covid19: 'Otras neumonías que clasifica como COVID-19',
  cohen_covid19_against_pneumonia_auc: 'COVID-19 frente a otras neumonías (AUC)',
  kermany_pneumonia_called_covid19: 'Neumonías de niños pequeños que clasifica como COVID-19',
};

const AUC_MEANING = '0,5 es echarlo a cara o cruz, 1 es perfecto';

/** @param {import('../report/types.js').ReadAs} way */
function waysOf({ quarter_turns, mirrored, inverted }) {
  const turned = ['', 'girada 90° a la derecha', 'girada 180°', 'girada 90° a la izquierda'][quarter_turns % 4];
  return listed([turned, mirrored ? 'reflejada' : '', inverted ? 'con los grises invertidos' : ''].filter(Boolean), 'y');
}

/** @param {string[]} words @param {string} last before the last of them */
function listed(words, last) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words[words.length - 1]}`;
}

/** At most two decimals. @param {number} value */
function plain(value) {
  return comma(String(Math.round(100 * value) / 100));
}

/** @type {typeof import('./en.js').english} */
export const spanish = {
  labels,

  page: {
    title: 'COVID-Classifier',
    description:
      'Analiza radiografías de tórax con COVID-Classifier, en este navegador. La radiografía no sale del equipo. Herramienta de investigación, no un producto sanitario.',
    tagline: 'Radiografías de tórax analizadas en su navegador, con los datos que lo respaldan',
    badge: 'Herramienta de investigación,',
    badgeRest: 'no un producto sanitario',
    intake: 'Analizar una radiografía de tórax',
    lead: 'Suelte radiografías en cualquier lugar de esta página, pegue una o elíjalas. Se analizan aquí, en este equipo, y no se envían a ningún sitio.',
    choose: 'Elegir radiografías…',
    chooseFiles: 'Radiografías de tórax',
    folder: 'Carpeta…',
    chooseFolder: 'Carpeta con radiografías de tórax',
    formats: 'DICOM, PNG, JPEG, TIFF, ZIP y otros',
    control: 'Ctrl',
    or: 'o',
    pastes: 'para pegar',
    noFilm: '¿No tiene ninguna radiografía a mano?',
    teaching: '¿Docencia o estudio de lectores?',
    samples: 'Analizar dos radiografías sintéticas',
    validateQuestion: '¿Funciona con sus radiografías?',
    validateButton: 'Validar con sus propias radiografías…',
    validation: 'Validación',
    loading: 'Cargando el modelo…',
    films: 'Radiografías',
    clear: 'Quitar todas',
    keys: 'Teclas',
    language: 'Idioma',
    result: 'Resultado',
    facts: 'Antes de empezar',
    readers: 'Qué analiza la radiografía',
    readersText:
      'Dos métodos: el COVID-Classifier de un artículo publicado, que mide la textura, y una pequeña red convolucional que solo ve los pulmones. Un control de entrada rechaza lo que no es una radiografía frontal de tórax.',
    limits: 'Qué no puede hacer',
    limitsText:
      'Diagnosticar. En radiografías de hospitales nuevos distingue peor entre COVID-19, normal y otra neumonía que en las de los que conoce. Dice con qué acierto y no nombra ninguna clase cuando no puede.',
    privacy: 'Adónde va la radiografía',
    privacyText:
      'A ningún sitio. Una vez cargada, la página no hace ninguna petición y no guarda ni radiografías ni resultados. Corte la red y seguirá analizando.',
    veil: 'Suelte para analizar',
  },

  leaving: {
    title: '¿Cerrar las radiografías abiertas?',
    text: (films, answers) =>
      [
        'La versión nueva llega al recargar, y eso cierra las radiografías.',
        films === 0
          ? ''
          : `${films === 1 ? 'El resultado de una radiografía aún no está' : `Los resultados de ${films} radiografías aún no están`} en ningún archivo. Puede exportar antes.`,
        answers ? 'Sus respuestas de la lectura a ciegas aún no están en ningún archivo; se pueden guardar al terminarla.' : '',
      ]
        .filter(Boolean)
        .join(' '),
    stay: 'Quedarse aquí',
    export: 'Exportar antes…',
    leave: 'Recargar y cerrarlas',
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
    loading: (done, of) => `Cargando el modelo… ${done} de ${of} archivos`,
    ready: (version) => `Listo. Modelo ${version}, en este equipo`,
    again: 'Arrancando de nuevo…',
    stalledTitle: 'La carga tarda mucho',
    stalled: 'No ha llegado nada desde hace un minuto. Siga esperando o vuelva a cargar el modelo.',
    loadAgain: 'Volver a cargar',
    failedShort: 'El modelo no está cargado',
    failedTitle: 'El programa de análisis no ha arrancado',
    failed: (kind) => starts[kind] ?? 'Se ha detenido por un motivo que esta página no conoce.',
    failedWaiting: (waiting) =>
      waiting === 0 ? '' : waiting === 1 ? 'Hay una radiografía en espera y no se pierde.' : `Hay ${waiting} radiografías en espera y no se pierden.`,
    retry: 'Intentar de nuevo',
    announceReady: 'El modelo está cargado. Ya se pueden analizar radiografías.',
  },

  compute: {
    runsOn(backend, adapter) {
      if (backend === 'simd') return `Se ejecuta en este procesador (${backends.simd})`;
      if (backend === 'candle') return 'Se ejecuta con candle (lento)';
      return `Se ejecuta con ${named(backend, adapter)}`;
    },
    named,
    why: 'Por qué',
    attempt: (attempt) =>
      [attempt.backend && `${named(attempt.backend, null)}: ${outcomes[attempt.outcome] ?? attempt.outcome}.`, trouble(attempt)].filter(Boolean).join(' '),
    trouble,
    notAsAskedTitle: (asked) => `No se ha podido usar el motor de cálculo «${named(asked, null)}»`,
    notAsAsked: (backend, adapter) => `Lo pide la dirección de esta página. Las radiografías se analizan con ${named(backend, adapter)}.`,
    changed(lost, now, adapter) {
      const what =
        lost === 'webgpu'
          ? 'Se ha perdido el procesador gráfico durante el análisis.'
          : lost
            ? `Se ha perdido el motor de cálculo ${named(lost, null)} durante el análisis.`
            : 'Ha cambiado el motor de cálculo.';
      const on = now === 'simd' ? 'en el procesador' : `con ${named(now, adapter)}`;
      return `${what} El análisis continúa ${on}; no se pierde ninguna radiografía.`;
    },
    changedTitle: 'Ahora calcula otro motor',
    dismiss: 'Cerrar',
  },

  batch: {
    reading: (done, of) => `Analizando… ${done} de ${of} radiografías`,
    cancel: 'Cancelar',
    cancelled: (cancelled) => (cancelled === 1 ? 'Se ha cancelado una radiografía.' : `Se han cancelado ${cancelled} radiografías.`),
    readRest: (cancelled) => (cancelled === 1 ? 'Analizar la que falta' : 'Analizar las que faltan'),
    announceCancelled: (cancelled) =>
      `Análisis cancelado. ${cancelled === 1 ? 'Una radiografía queda' : `${cancelled} radiografías quedan`} sin analizar; se puede hacer más tarde.`,
    announceRest: (films) => (films === 1 ? 'Se analiza ahora una radiografía.' : `Se analizan ahora ${films} radiografías.`),
  },

  film: {
    states: { waiting: 'En espera', reading: 'Analizando…', done: 'Analizada', failed: 'No analizada', cancelled: 'Cancelada' },
    unnamed: 'radiografía pegada',
    remove: (name) => `Quitar ${name}`,
    removed: 'Radiografía quitada.',
    cleared: 'Se han quitado todas las radiografías.',
    nothingDropped: 'Eso no era un archivo. Suelte, pegue o elija un archivo de imagen o una carpeta.',
    verdictShort: (verdict) => labels[verdict] ?? verdictsShort[verdict] ?? verdict,
    failureShort: (kind) => failuresShort[kind] ?? 'No analizada',
    facts: (film) => `${formats[film.format] ?? film.format}, ${film.width_px} × ${film.height_px} píxeles, ${colors[film.color] ?? film.color}`,
  },

  viewer: {
    label: 'Visor de la radiografía',
    view: (name) => `Radiografía ${name}`,
    picture: (name, overlay, isOutlined, isCut) =>
      `La radiografía ${name}` +
      (isCut ? ', con un marco alrededor de lo analizado' : '') +
      (overlay === 'off' ? '' : `, con lo que habla a favor y en contra de ${findings[overlay] ?? overlay} encima`) +
      (isOutlined ? ', con el contorno de los pulmones' : ''),
    equalized: (name) => `La radiografía ${name} como la ve el método de textura: 512 por 512 píxeles, contraste ecualizado`,
    equalizedCaption: 'El método de textura: 512 × 512, contraste ecualizado',
    crop: (name) => `La radiografía ${name} como la ve la red convolucional: 128 por 128 píxeles, solo los pulmones`,
    cropCaption: 'La red convolucional: 128 × 128, solo los pulmones',
    placeholders: {
      loading: 'Obteniendo la radiografía…',
      gone: 'No se puede mostrar la radiografía: o su archivo no se ha podido leer otra vez, porque se ha movido o borrado, o el programa se ha detenido. El resultado sigue siendo válido.',
      none: 'No hay radiografía que mostrar: este resultado se ha importado, y las radiografías no forman parte de una exportación.',
    },
    tool: 'Arrastrar cambia',
    tools: { window: 'Ventana', pan: 'Encuadre' },
    zoom: 'Ampliación',
    zoomIn: 'Ampliar',
    zoomOut: 'Reducir',
    fit: 'Ajustar',
    fitLong: 'Ajustar: ver la radiografía entera',
    oneToOne: '1:1',
    oneToOneLong: '1:1, un píxel de la radiografía por píxel de la pantalla',
    invert: 'Invertir',
    reset: 'Restablecer',
    fullScreen: 'Pantalla completa',
    window: 'Ventana',
    presets: { auto: 'Automática', full: 'Rango completo', lungs: 'Pulmones' },
    center: 'Centro',
    width: 'Ancho',
    overlay: 'A favor de',
    off: 'Nada',
    opacity: 'Opacidad',
    outline: 'Contorno pulmonar',
    noMap: 'No hay mapa de esta radiografía: la red convolucional no la ha analizado, o lo ha hecho la de un modelo distinto del que está en uso.',
    compare: 'Qué ven los métodos',
    percent: (zoom) => `${Math.round(100 * zoom)}\u202f%`,
    value: (value, column, row, isPointed) => `${isPointed ? '' : 'Centro '}${column}; ${row}: ${comma(String(value))}`,
    hint(isHeld, isTouch) {
      if (isTouch) {
        return isHeld
          ? 'Un dedo arrastra, dos amplían. Toque fuera del visor para volver a desplazar la página.'
          : 'Dos dedos amplían. Toque la radiografía para arrastrar con uno.';
      }
      return isHeld ? 'La rueda amplía. Esc la devuelve a la página.' : 'Haga clic en la radiografía para ampliar con la rueda, o mantenga pulsada Ctrl.';
    },
    keys:
      'Las flechas mueven la radiografía, más y menos amplían y reducen, 0 la ajusta, 1 la muestra a tamaño 1 a 1. ' +
      'Mayúsculas con flechas cambia la ventana; A, F y L eligen una. I invierte, O muestra lo que habla a favor de la respuesta, ' +
      'C lo que ven los métodos, R restablece.',
    toolChosen: (tool) => (tool === 'pan' ? 'Arrastrar mueve la radiografía' : 'Arrastrar cambia la ventana'),
    windowChosen: ({ center, width }) => `Centro ${Math.round(center)}, ancho ${Math.round(width)}`,
    zoomed: (zoom) => `Ampliación ${Math.round(100 * zoom)} por ciento`,
    inverted: (isInverted) => (isInverted ? 'Invertida' : 'Sin invertir'),
    wasReset: 'Ventana, ampliación e inversión restablecidas',
    noLungs: 'No se han encontrado pulmones en esta radiografía',
    overlayChosen: (overlay, hasMap) =>
      !hasMap
        ? 'No hay mapa de esta radiografía'
        : overlay === 'off'
          ? 'Mapa desactivado'
          : `Lo que habla a favor y en contra de ${findings[overlay] ?? overlay}`,
    compareChosen: (isShown) => (isShown ? 'Se muestra lo que ven los métodos' : 'Se oculta lo que ven los métodos'),
    legend: {
      for: (label) => `a favor de ${findings[label] ?? label}`,
      against: (label) => `en contra de ${findings[label] ?? label}`,
      frame: 'la red convolucional solo ha visto esta parte',
      outline: 'contorno de los pulmones que ha encontrado',
      cut: 'la radiografía encontrada en la imagen',
      withheld: 'Esta radiografía no es valorable: solo se le superpone un mapa si usted lo elige aquí o pulsa O sobre ella.',
      where: (label, inside) => `El ${percent(inside)} de lo que habla a favor de ${findings[label] ?? label} está dentro de los pulmones; el resto, fuera.`,
    },
    cutOff(frame) {
      const cut = cutShares(frame);
      const sides = { left: 'a la izquierda', right: 'a la derecha', top: 'arriba', bottom: 'abajo' };
      const said = /** @type {(keyof typeof sides)[]} */ (Object.keys(sides))
        .filter((side) => cut[side] > 0)
        .map((side) => `${percent(cut[side])} ${sides[side]}`);
      return `Solo se ha analizado la radiografía que hay dentro de la imagen. Se ha recortado: ${said.join(', ')}.`;
    },
    fileWindows: 'Ventanas del archivo',
    fileWindow: ({ name, center, width }, number) => `${name ?? `Ventana ${number}`} (${plain(center)} / ${plain(width)})`,
    ownWindow: 'Otra',
    shortcuts: [
      { keys: ['←', '→', '↑', '↓'], does: 'Mover la radiografía' },
      { keys: ['+', '−'], does: 'Ampliar, reducir' },
      { keys: ['0'], does: 'Ajustar la radiografía entera' },
      { keys: ['1'], does: '1:1, un píxel de la radiografía por píxel de la pantalla' },
      { keys: ['W', 'H'], does: 'Arrastrar cambia la ventana, mueve la radiografía' },
      { keys: ['⇧ ←', '⇧ →'], does: 'Ventana más estrecha, más ancha; también [ y ]' },
      { keys: ['⇧ ↑', '⇧ ↓'], does: 'Más clara, más oscura' },
      { keys: ['A', 'F', 'L'], does: 'Ventana: automática, rango completo, pulmones' },
      { keys: ['I'], does: 'Invertir' },
      { keys: ['O'], does: 'Lo que habla a favor de la respuesta: sí, no' },
      { keys: ['C'], does: 'Lo que ven los métodos: sí, no' },
      { keys: ['M'], does: 'Pantalla completa' },
      { keys: ['R'], does: 'Restablecer ventana, ampliación e inversión' },
      { keys: ['Esc'], does: 'Devolver la rueda a la página' },
    ],
  },

  result: {
    waiting: 'Esta radiografía espera su turno.',
    waitingForEngine: 'Esta radiografía espera a que se cargue el modelo.',
    reading: 'Analizando esta radiografía…',
    verdict({ finding, verdict }, probability) {
      const share = probability === null ? '' : ` (${probability})`;
      if (verdict === 'refused') return 'Esta radiografía no es valorable';
      if (verdict !== 'uncertain') return `${finding === 'not_normal' ? 'Anormal' : 'Resultado conjunto'}: ${answers[verdict] ?? verdict}${share}`;
      if (finding === 'not_normal') return `Anormal${share}: COVID-19 u otra neumonía, que aquí no se pueden distinguir`;
      if (finding === 'cannot_say') return 'No se puede decir si esta radiografía es normal';
      return 'No se puede nombrar ninguna clase para esta radiografía';
    },
    noVerdict: 'No hay resultado para esta radiografía',
    refusedAnswers: {
      title: 'Lo que dicen de ella los métodos a pesar de todo',
      note: 'Esta radiografía se ha rechazado. Lo que sigue no es una respuesta: no se sabe nada de cuánto valen los métodos en una imagen así.',
    },
    reason({ kind, message, remedies }, report) {
      const seen = Object.hasOwn(reasons, kind) && reasons[kind](report);
      if (!seen) return message;
      const ways = (remedies ?? []).flatMap(({ read_as }) => (read_as ? [waysOf(read_as) || 'tal como está guardada'] : []));
      // Which way, is known: the general advice gives way to it.
      return ways.length === 0 ? seen : `${seen.replace(/ Analícela (girada|con los grises invertidos)\.$/, '')} Analícela ${listed(ways, 'o')}.`;
    },
    warning: ({ kind, message }, report) => (Object.hasOwn(warnings, kind) && warnings[kind](report, message)) || message,
    probabilitiesTitle: 'Probabilidades calibradas',
    abnormal: 'Anormal',
    levelsNote:
      'El resultado dice primero si la radiografía es normal o anormal, o que no se puede decir. Si es anormal, nombra COVID-19 u otra neumonía cuando ambas se pueden distinguir.',
    probabilitiesNote:
      'Calibradas con radiografías de fuentes que las redes no habían visto. En un hospital concreto pueden acertar más o menos veces de lo que prometen.',
    warningsTitle: 'Sobre esta radiografía',
    elapsed: (total) => `Analizada en ${duration(total)}`,
    elapsedParts: (ms) =>
      `descodificación ${duration(ms.decode)}; localización de la radiografía ${duration(ms.frame)}; método de textura ${duration(ms.preprocess + ms.features + ms.classify)}; ` +
      `pulmones ${duration(ms.lungs)}, red convolucional ${duration(ms.convnet)}`,
    model: (version) => `Modelo ${version}`,
    sha256: 'SHA-256',
    aboutTitle: 'Radiografía, tiempo y modelo',
    aboutFilm: 'Radiografía',
    aboutLungs: 'Pulmones',
    lungs: ({ area, left, right }) =>
      area === 0
        ? 'no se han encontrado'
        : `${percent(area)} de la radiografía; ${percent(left)} en el lado izquierdo del paciente y ${percent(right)} en el derecho`,
    aboutGate: 'Valorable',
    gate: ({ accepted, doubtful }) => (accepted ? (doubtful ? 'sí, con dudas' : 'sí: parece una radiografía frontal de tórax') : 'no'),
    aboutTime: 'Tiempo',
    aboutModel: 'Modelo',
    aboutBackend: 'Calculado con',
    failedTitle: 'Esta radiografía no se ha analizado',
    failed: failedSentence,
    failedDetail: ({ kind, message, format }) => (format || (kind === 'unsupported_format' && told(message)) ? null : message || null),
    detail: 'Detalle:',
    detailWords: detailInSpanish,
    retry: 'Analizarla de nuevo',
    cancelledTitle: 'Esta radiografía aún no se ha analizado',
    cancelled: 'Su análisis se ha cancelado. No se ha perdido.',
    readCancelled: 'Analizar',
    announce: (name, sentence) => `${name}: ${sentence}.`,
    announceFailed: (name, reason) => `${name} no se ha analizado. ${reason}`,
    announceAll: (read, failed, cancelled) =>
      cancelled === 0
        ? `Se ha terminado con todas: analizadas, ${read}; no analizadas, ${failed}.`
        : `El análisis ha terminado: analizadas, ${read}; no analizadas, ${failed}; canceladas, ${cancelled}.`,
  },

  readers: {
    title: 'Qué dice cada método',
    head: 'Método',
    names: { verdict: 'Resultado conjunto', convnet: 'Red convo\u00adlucional', texture: 'Método de textura' },
    remarks: {
      verdict: 'probabilidades calibradas',
      convnet: 'solo ve los pulmones; softmax, sin calibrar',
      texture: 'el COVID-Classifier publicado; softmax, sin calibrar',
    },
  },

  evidence: {
    title: 'Acierto en radiografías como estas',
    lead: 'Medido en radiografías de pacientes que no intervinieron en el aprendizaje. Las «externas» tampoco sirvieron para elegir nada. Las de Cohen et al. proceden de publicaciones de muchos hospitales, y el método de textura conoce algunas de ellas.',
    mostly: ({ covid19, normal, pneumonia }) =>
      ` De ellas, ${covid19} son de COVID-19, ${normal} son normales y ${pneumonia} son de otras neumonías: quien dijera siempre COVID-19 también acertaría en la mayoría.`,
    set: ({ id, title, own }) => (!own && sets[id]) || title,
    pair: 'COVID-19 frente a otras neumonías (AUC)',
    aucMeaning: AUC_MEANING,
    allExternal: 'Todas las radiografías externas',
    surestHalf: 'Aciertos en la mitad con mayor seguridad',
    accuracy: 'Aciertos entre todas las no rechazadas',
    sensitivity: (label) => `Sensibilidad: ${filmsOf[label]} clasificadas como ${calledAs[label]}`,
    specificity: (label) => `Especificidad: otras radiografías no clasificadas como ${calledAs[label]}`,
  },

  hospitals: {
    title: 'En hospitales que nunca ha visto, el peor primero',
    lead: 'Un hospital nuevo es la prueba difícil. «Excluido» significa: leído por una red entrenada sin esa fuente. «Externo» significa: leído por este modelo, para el que nada se aprendió ni se eligió con esas radiografías. Se dice algo de una radiografía cuando se clasifica como normal o como anormal.',
    head: 'Hospital',
    measures: {
      normals_named_covid19: 'Radiografías normales en las que se nombra COVID-19',
      right: 'Aciertos cuando se dice algo',
      named: 'Se dice algo',
    },
    name: hospitalName,
    kept: (kept, patients) => `${keptWords[kept]}, ${patients} pacientes`,
    others: (count) => (count === 1 ? 'Otro hospital' : `Otros ${count} hospitales`),
    unknownTitle: 'Qué no conoce',
    unknown: (isMeasured) =>
      'La tuberculosis, el derrame pleural, la insuficiencia cardíaca y los nódulos no están entre sus respuestas. Puede clasificar una radiografía así como normal o darle un nombre equivocado.' +
      (isMeasured ? ' Esto es lo que dijo de radiografías así, de hospitales que nunca ha visto; de las demás no dijo nada.' : ''),
    unknownLine: (hospital, finding, films, { normal, covid19, pneumonia, notNormal }) =>
      `De ${films} radiografías con ${finding === 'tuberculosis' ? 'tuberculosis' : 'otros hallazgos'} (${hospitalName(hospital)}; ${keptWords[hospital.kept]}), ` +
      `clasificó el ${normal} como normales, el ${covid19} como COVID-19, el ${pneumonia} como otra neumonía y el ${notNormal} como anormales sin clase.`,
  },

  worth: {
    title: 'Cuánto vale el método de textura',
    trained({ films, population }) {
      const shares = /** @type {Label[]} */ (['covid19', 'normal', 'pneumonia']).map(
        (label) => `${films[label]} ${filmsOf[label]} (${populations[population[label]] ?? population[label]})`,
      );
      return `Ha aprendido de ${shares[0]}, ${shares[1]} y ${shares[2]}.`;
    },
    caution: (unseen) =>
      `${
        unseen?.named && unseen.right
          ? `De ${grouped(unseen.named.n)} radiografías de hospitales que el programa no había visto, clasificó el ${percent(unseen.named.value)} como normales o anormales, y acertó en el ${percent(unseen.right.value)} de ellas (intervalo de confianza del 95\u202f%: ${percentInterval(unseen.right)}). `
          : ''
      }No lo tome por un diagnóstico.`,
    meaning:
      'Bastaba, pues, «adulto o niño» para distinguir la COVID-19 del resto; lo que muestran los pulmones pudo no importar. En un adulto tiende a responder COVID-19, muestre lo que muestre la radiografía.',
    figuresTitle: 'Acierto en radiografías que no había visto',
    measured: 'Medido en',
    films: 'Radio\u00adgrafías',
    value: 'Resultado',
    interval: 'Intervalo del 95\u202f%',
    authorsSplit: (estimate) => ({
      what: 'Radiografías de prueba del propio artículo, respuestas correctas',
      remark: 'los mismos pacientes están también entre las de entrenamiento',
      ...share(estimate),
    }),
    patientDisjoint: (estimate) => ({
      what: 'Radiografías del artículo, sin ningún paciente en ambos lados, respuestas correctas',
      remark: 'validación cruzada de cinco partes; los adultos siguen siendo la COVID-19 y los niños el resto',
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
    allElsewhere: (count) => `Las ${count} cifras en radiografías de otras fuentes`,
    noFigures: 'No se han podido cargar las cifras de este modelo.',
  },

  why: {
    title: 'Por qué lo dice el método de textura',
    strongest: (block, value, label) =>
      `Lo que más ha llevado esta radiografía hacia ${findings[label] ?? label}, en comparación con la radiografía media de entrenamiento: ${blocks[block] ?? block} (${value}).`,
    lead: 'Más acerca a la clase, menos aleja de ella. La unidad es el logit, la salida de la red antes de softmax.',
    blocksTitle: 'Los cinco grupos de medidas',
    blocksCaption: 'La radiografía media de entrenamiento más los cinco grupos da esta radiografía.',
    blocksHead: 'Grupo',
    baseline: 'Radiografía media de entrenamiento',
    total: 'Esta radiografía',
    featuresTitle: 'Las diez medidas más influyentes',
    featuresCaption: 'Debajo de cada nombre: su valor en esta radiografía y su media en las de entrenamiento.',
    featuresHead: 'Medida',
    featureValues: (value, mean) => `${value}, media ${mean}`,
    others: (count) => `Las otras ${count}`,
  },

  embed: {
    label: 'Clasificador de radiografías de tórax',
    title: 'Suelte aquí una radiografía de tórax',
    hint: 'DICOM, PNG, JPEG, WebP, BMP o TIFF. Se analiza en este equipo y no se envía a ningún sitio.',
    choose: 'Elegir una radiografía…',
    another: 'Otra radiografía…',
    cancel: 'Cancelar',
    retry: 'Intentar de nuevo',
    research: 'Herramienta de investigación, no un producto sanitario.',
    unnamed: 'Radiografía sin nombre',
    noFile: 'Eso no era un archivo. Suelte, pegue o elija un archivo de imagen.',
    onlyFirst: (name) => `Una sola radiografía cada vez: se analiza ${name}.`,
    cancelled: 'Análisis cancelado.',
    filmPicture: (name) => `La radiografía ${name}`,
    where: (label) => `Mostrar lo que habla a favor de ${findings[label] ?? label}`,
    whereCaption: (label, inside) =>
      `Para la red convolucional, el naranja habla a favor de ${findings[label] ?? label} y el azul en contra; la línea es el contorno de los pulmones.${insideLungs(inside)}`,
  },

  offline: {
    states: {
      kept: 'Lista para usarse sin red.',
      'not-kept': 'No guardada para usarse sin red; mientras está abierta no la necesita.',
    },
    update: {
      title: 'Hay una versión más reciente de esta página',
      text: 'Esta sigue funcionando. Al recargar llega la nueva y se cierran las radiografías abiertas; guarde antes lo que quiera conservar.',
      reload: 'Recargar y actualizar',
      later: 'Ahora no',
    },
  },

  intake: {
    looking: (files) => (files === 0 ? 'Revisando la carpeta…' : `Revisando la carpeta… ${files} ${files === 1 ? 'archivo' : 'archivos'}`),
    leftOut: (films, hidden, others) =>
      [
        films === 0 ? 'No había nada que analizar.' : films === 1 ? 'Se ha tomado un archivo.' : `Se han tomado ${films} archivos.`,
        others === 0 ? '' : others === 1 ? 'Se ha omitido un archivo que no es una radiografía.' : `Se han omitido ${others} archivos que no son radiografías.`,
        hidden === 0 ? '' : hidden === 1 ? 'Se ha omitido un archivo oculto del sistema.' : `Se han omitido ${hidden} archivos ocultos del sistema.`,
      ]
        .filter(Boolean)
        .join(' '),
  },

  films: {
    title: (films) => (films < 2 ? 'Radiografías' : `Radiografías (${films})`),
    none: '–',
    imported: 'Importada',
    wide: 'Tabla ancha',
    narrow: 'Lista estrecha',
    export: 'Exportar…',
    filter: 'Mostrar radiografías por respuesta',
    counted: (category, films) => `${category} (${films})`,
    find: 'Buscar por nombre',
    sort: 'Ordenar por',
    keys: 'Las flechas, Re Pág y Av Pág recorren las radiografías, Intro abre una, C la elige para una comparación, Supr la quita.',
    shortcuts: [
      { keys: ['↑', '↓'], does: 'En la lista: la radiografía anterior, la siguiente' },
      { keys: ['Inicio', 'Fin'], does: 'La primera radiografía, la última' },
      { keys: ['Intro'], does: 'Ir a su resultado' },
      { keys: ['Supr'], does: 'Quitarla de la página' },
    ],
    removeHint: 'Quitar (Supr)',
    removeHead: 'Quitar',
    noneShown: 'Ninguna radiografía coincide.',
    showAll: 'Mostrar todas las radiografías',
    announceShown: (shown) => (shown === 1 ? 'Se muestra una radiografía.' : `Se muestran ${shown} radiografías.`),
    announceProgress: (done, of) => `${done} de ${of} radiografías terminadas.`,
    categories: {
      all: 'Todas',
      covid19: 'COVID-19',
      normal: 'Normal',
      pneumonia: 'Neumonía',
      not_normal: 'Anormal',
      uncertain: 'Indeterminada',
      refused: 'No valorable',
      unread: 'No analizada',
      waiting: 'En espera',
    },
    sorts: { number: 'Orden de llegada', name: 'Nombre', verdict: 'Respuesta', probability: 'Probabilidad', warnings: 'Avisos', time: 'Tiempo' },
    direction: (descending) => (descending ? 'Primero lo mayor o lo último' : 'Primero lo menor o lo primero'),
    columns: {
      number: { head: 'N.º', headMeaning: 'En el orden en que llegaron' },
      name: { head: 'Radiografía', headMeaning: 'Nombre, y carpeta si la hay' },
      verdict: { head: 'Resultado', headMeaning: 'Lo que dicen los dos métodos juntos' },
      probability: { head: 'Prob.', headMeaning: 'Probabilidad calibrada de lo que dice el resultado' },
      abnormal: { head: 'Anormal', headMeaning: 'Probabilidad calibrada de que la radiografía sea anormal' },
      covid19: { head: 'COVID-19', headMeaning: 'Probabilidad calibrada de COVID-19' },
      normal: { head: 'Normal', headMeaning: 'Probabilidad calibrada de una radiografía normal' },
      pneumonia: { head: 'Neumonía', headMeaning: 'Probabilidad calibrada de neumonía' },
      convnet: { head: 'Red conv.', headMeaning: 'Lo que dice la red convolucional sola; softmax, sin calibrar' },
      texture: { head: 'Textura', headMeaning: 'Lo que dice el método de textura solo; softmax, sin calibrar' },
      warnings: { head: 'Avisos', headMeaning: 'Avisos sobre la radiografía' },
      time: { head: 'Tiempo', headMeaning: 'Cuánto ha tardado el análisis' },
      state: { head: 'Estado', headMeaning: 'Si la radiografía se ha analizado' },
    },
  },

  export: {
    title: 'Exportar los resultados',
    format: 'Formato',
    formats: { csv: 'CSV, para hojas de cálculo', json: 'JSON, con todos los detalles; esta página puede volver a leerlo' },
    csv: 'Celdas y decimales',
    csvKinds: { comma: 'Coma entre celdas, 0.5', semicolon: 'Punto y coma entre celdas, 0,5' },
    which: 'Radiografías',
    all: (films) => (films === 1 ? 'La única radiografía' : `Las ${films} radiografías`),
    shown: (films) => (films === 1 ? 'La que se muestra' : `Las ${films} que se muestran`),
    names: 'Incluir los nombres de archivo',
    namesNote: 'Un nombre puede revelar de quién es la radiografía. Sin esta marca, el archivo no contiene ni nombres ni carpetas.',
    note: 'El archivo se crea aquí y lo guarda su navegador. No contiene radiografías ni imágenes.',
    save: 'Guardar archivo',
    cancel: 'Cancelar',
    failedTitle: 'No se ha podido crear el archivo',
    failed:
      'El navegador no tiene espacio para él. Libere espacio en el disco o cierre otras pestañas y guárdelo de nuevo. Los resultados siguen en esta página.',
    close: 'Cerrar',
    saved: (films) => (films === 1 ? 'Se ha exportado el resultado de una radiografía.' : `Se han exportado los resultados de ${films} radiografías.`),
  },

  import: {
    done: (films) => (films === 1 ? 'Se ha importado el resultado de una radiografía.' : `Se han importado los resultados de ${films} radiografías.`),
    numbered: (number) => `Radiografía ${number}`,
    notice: ({ at, program }) => `Importada: analizada con ${program}, exportada el ${dateAndTime(new Date(at))}. La radiografía en sí no está aquí.`,
    otherModel: 'Otra versión del modelo ha analizado esta radiografía. Lo que se midió del modelo de esta página no dice cuánto vale aquella.',
  },

  print: {
    button: 'Imprimir o guardar como PDF',
    names: 'Con el nombre de archivo',
    title: 'COVID-Classifier: resultado de una radiografía',
    caution: 'Herramienta de investigación, no un producto sanitario.',
    film: (name, number) => name ?? `Radiografía ${number} de esta sesión`,
    printed: (now) => `Impreso el ${dateAndTime(now)}`,
    asRead: 'Como se ha leído',
    abnormal: (probability) => `anormal: ${probability}`,
    where: (label, inside) =>
      `Lo que habla a favor de ${findings[label] ?? label} para la red convolucional (naranja; azul: en contra), y el contorno de los pulmones que ha encontrado.${insideLungs(inside)}`,
    more: (more) => `y ${more} más, en la página`,
  },

  readAs: {
    read: (way) => `Analizar ${waysOf(way) || 'tal como está guardada'}`,
    was: (way) =>
      way ? `Esta radiografía se ha analizado ${waysOf(way)}, no como está en su archivo.` : 'Esta radiografía se ha analizado como está en su archivo.',
    back: 'Volver a la radiografía tal como está guardada',
    choose: 'Elegir otro archivo…',
  },

  tags: {
    title: 'Qué dice el archivo (puede nombrar al paciente)',
    warning:
      'Puede contener el nombre, la fecha de nacimiento y otros datos del paciente. Se lee del archivo ahora y no aparece en ninguna impresión, exportación ni copia.',
    tag: 'Etiqueta',
    name: 'Atributo',
    value: 'Valor',
    none: 'El archivo no dice nada.',
    failed: 'No se ha podido leer lo que dice el archivo: se ha movido o borrado, o está dañado.',
  },

  samples: {
    name: (number) => `sintetica-${number}.bmp`,
    notice: 'Una radiografía sintética, dibujada por este programa. No es de nadie: sirve para ver cómo funciona la página.',
    failed: 'No se han podido dibujar las radiografías sintéticas, porque el programa de análisis no ha arrancado.',
  },

  shortcuts: {
    title: 'Teclas',
    page: 'En toda la página',
    films: 'En la lista de radiografías',
    viewer: 'En la radiografía, cuando tiene el foco',
    close: 'Cerrar',
    keys: [
      { keys: ['Tab'], does: 'Al control siguiente' },
      { keys: ['Ctrl V', '⌘ V'], does: 'Pegar una radiografía' },
      { keys: ['Ctrl P', '⌘ P'], does: 'Imprimir el informe de la radiografía que se muestra' },
      { keys: ['Ctrl /', '⌘ /'], does: 'Esta lista' },
    ],
  },

  requests: {
    sent: {
      nothing:
        'Nada. Desde que se cargó el modelo, ni esta página ni sus procesos en segundo plano han hecho una petición, según la cuenta del propio navegador.',
      something: 'Ha habido peticiones desde que se cargó el modelo; abajo figuran las de la página según el navegador.',
    },
    verify: 'Compruébelo usted mismo',
    steps: [
      'Abra las herramientas de desarrollo del navegador (F12 o ⌘ ⌥ I) y, en ellas, la pestaña «Red».',
      'Haga analizar una radiografía: solo aparecen líneas con la palabra «blob», que es la memoria de este equipo.',
      'O corte la red y haga analizar una radiografía: funciona igual que antes.',
    ],
    loaded: (files) => `Lo que se cargó antes, todo de este sitio: ${files} ${files === 1 ? 'archivo' : 'archivos'}`,
    offline:
      'Una vez cargados, el propio navegador puede volver a pedirlos a este sitio: para guardarlos y que la página se abra sin red, y en visitas posteriores para ver si los hay más recientes. No guarda ni radiografías ni resultados. Una norma de la página (Content-Security-Policy) prohíbe cualquier otra dirección.',
    check: 'Comprobar los archivos de esta página con las sumas publicadas',
    since: (count) =>
      count === 0 ? 'Peticiones desde que se cargó el modelo: ninguna.' : `Peticiones desde que se cargó el modelo: ${count}, todas a archivos de esta página.`,
  },

  ownModel: {
    open: 'Un modelo propio…',
    title: 'Un modelo propio',
    lead: 'Las radiografías puede analizarlas un modelo que usted haya entrenado con las suyas. Permanece en esta página hasta que se cierra: nada se guarda, se descarga ni se envía.',
    what: 'Elija la carpeta que escribió el entrenamiento, o un ZIP de ella: manifest.json con los archivos de pesos que nombra, y evidence.json o metrics.json si lo ha medido. Antes se comprueban el formato, las sumas de verificación, las dimensiones y la respuesta conocida.',
    chooseFolder: 'Elegir su carpeta…',
    chooseFiles: 'Elegir un ZIP o los archivos…',
    foundTitle: '¿Analizar las radiografías con este modelo?',
    found: (name, files) => `${name ? `«${name}» contiene` : 'Esto es'} un modelo y no radiografías: ${files === 1 ? 'un archivo' : `${files} archivos`}.`,
    use: 'Usar este modelo',
    not: 'Ahora no',
    checking: 'Comprobando el modelo…',
    failedTitle: 'Este modelo no se puede usar',
    failures: {
      model_manifest_missing: 'Falta manifest.json. Elija la carpeta entera que escribió el entrenamiento.',
      model_manifest: 'Su manifest.json está dañado o no es el de un modelo. Cópielo de nuevo de donde se entrenó el modelo.',
      model_layout: 'Su manifiesto tiene un formato que esta versión de la página no conoce. Entrene con el programa de la misma versión que la página.',
      model_file_missing: 'Falta un archivo de pesos que nombra su manifiesto. Elija la carpeta entera que escribió el entrenamiento.',
      model_hash: 'Un archivo de pesos no es el que nombra su manifiesto: está dañado o es de otro entrenamiento. Copie de nuevo todos los archivos.',
      model_shape: 'Sus pesos no tienen las dimensiones que necesita este programa o están dañados. Entrene con el programa de la misma versión que la página.',
      model_unfinished: 'El modelo no está terminado. Ejecute los pasos de entrenamiento que faltan; el último lo calibra (train verdict).',
      model_answer: 'El modelo no da su respuesta conocida a la radiografía conocida. Sus pesos y su manifiesto no se corresponden: entrene de nuevo.',
      model_same: 'Es el modelo de esta página.',
      too_many_bytes: 'Uno de sus archivos es demasiado grande para un modelo.',
      unreadable: 'El navegador no ha podido leer uno de sus archivos. Elija la carpeta de nuevo.',
    },
    failed: 'No se ha podido abrir el modelo.',
    stays: 'Sigue en uso el modelo que lo estaba.',
    close: 'Cerrar',
    notBlind: 'Eso es un modelo y no radiografías. Salga de la lectura a ciegas para usar otro modelo.',
    bannerTitle: 'Está en uso su propio modelo, no el de esta página',
    banner: ({ version, sha256 }) => `Versión ${version}, SHA-256 ${sha256.slice(0, 12)}…, hasta que se cierre esta página.`,
    evidence: 'Las cifras que acompañan a sus resultados venían con él; esta página no las ha medido.',
    evidenceNot: 'Las cifras que venían con él están dañadas o son de otro modelo y no se muestran: no se sabe nada de cuánto vale.',
    evidenceNone: 'No venían cifras con él: no se sabe nada de cuánto vale.',
    back: 'Volver al modelo de la página',
    backFailed: 'No se ha podido arrancar el modelo de la página. Inténtelo de nuevo o recargue la página.',
    announce: 'Su propio modelo analiza ahora las radiografías.',
    announceBack: 'El modelo de la página vuelve a analizar las radiografías.',
    othersTitle: 'Resultados de otro modelo',
    others: (films) =>
      films === 1
        ? 'Una radiografía la ha analizado un modelo distinto del que está en uso.'
        : `${films} radiografías las ha analizado un modelo distinto del que está en uso.`,
    again: (films) => (films === 1 ? 'Analizarla de nuevo con el modelo en uso' : `Analizar de nuevo estas ${films} radiografías`),
    otherModel: 'Esta radiografía la ha analizado un modelo distinto del que está en uso. Lo que se midió del que está en uso no dice cuánto vale aquel.',
    ready: (version) => `Listo. Su propio modelo ${version}, en este equipo`,
    name: (version) => `Un modelo propio del usuario, ${version}`,
    readBy: ({ version, sha256 }) =>
      `Analizada con un modelo propio del usuario, versión ${version} (SHA-256 ${sha256.slice(0, 12)}…), no con el de esta página.`,
    validated: 'Estas radiografías las ha analizado un modelo propio del usuario, no el de esta página.',
    unknown: 'No se sabe nada de cuánto vale este modelo.',
    noFigures: 'No venían cifras con este modelo: no se sabe nada de cuánto vale.',
    probabilitiesNote: 'Calibradas como lo hizo quien entrenó este modelo.',
    evidenceLead: 'Estas cifras venían con el modelo; esta página no las ha medido.',
    figures: {
      card: 'Sus propias cifras',
      compared: (set, { covid19, normal, pneumonia }) =>
        `Junto a sus radiografías: las cifras que venían con este modelo (${set}; COVID-19, ${covid19}; normales, ${normal}; neumonía, ${pneumonia}). Esta página no las ha medido.`,
      noCard: 'Con este modelo no venían cifras con las que comparar.',
    },
  },

  validate: {
    how: {
      title: 'Validar con sus propias radiografías',
      lead: 'Dé a la página radiografías de las que sepa lo que muestran. Las analiza aquí, en este equipo, y dice cuántas veces acierta, junto a las cifras de la ficha del modelo. Nada sale de esta página.',
      table: 'Con una tabla',
      tableText:
        'Radiografías y un archivo CSV con las columnas file (o path), label y, si puede, patient, separadas por comas, puntos y comas o tabuladores. Las rutas parten de la carpeta en la que está la tabla.',
      folders: 'Con carpetas',
      foldersText: 'Carpetas cuyo nombre dice lo que muestran sus radiografías. Qué significan otros nombres lo indica usted después.',
      note: 'Identifique a los pacientes con cualquier número o letra. Así, varias radiografías de un paciente no se toman por independientes. Elija la carpeta que lo contiene todo o suéltela en la página.',
      chooseFolder: 'Elegir una carpeta…',
      chooseFiles: 'Elegir radiografías y tabla…',
    },
    offer: {
      title: 'Estas radiografías tienen etiqueta',
      titleNoFilms: 'Faltan las radiografías de la tabla',
      table: (films) => (films === 1 ? 'Una tabla dice qué muestra una de las radiografías.' : `Una tabla dice qué muestran ${films} de las radiografías.`),
      folders: (films) => `Hay carpetas cuyo nombre dice lo que muestran sus radiografías: ${films} en total.`,
      noFilms:
        'Hay una tabla que dice qué muestran unas radiografías, pero ninguna de ellas está aquí. Añádalas, mejor con la carpeta en la que está la tabla.',
      what: 'La página puede decir cuántas veces ha acertado con ellas.',
      validate: 'Validar con estas radiografías',
      dismiss: 'Ahora no',
    },
    ask: {
      title: 'Qué significan las etiquetas',
      lead: (films, isByTable) =>
        `${films === 1 ? 'Una radiografía tiene etiqueta' : `${films} radiografías tienen etiqueta`}, según ${isByTable ? 'la tabla' : 'los nombres de las carpetas'}. Indique qué significa cada una. Las que no corresponden a ninguna de las tres clases se omiten.`,
      leaveOut: 'Omitir',
      films: (films) => (films === 1 ? '1 radiografía' : `${films} radiografías`),
      without: (films) => (films === 1 ? 'Se omite una radiografía sin etiqueta' : `Se omiten ${films} radiografías sin etiqueta`),
      rowsWithout: (rows) => (rows === 1 ? 'Se omite una fila sin radiografía' : `Se omiten ${rows} filas sin radiografía`),
      why: {
        ambiguous: 'la tabla puede referirse a otra',
        contradicted: 'la tabla dice dos cosas de ella',
        twice: 'está dos veces',
        other_model: 'la ha analizado otro modelo',
      },
      nothing: 'Indique qué clase significa al menos una etiqueta.',
      validate: 'Validar',
      cancel: 'Cancelar',
    },
    title: 'Validación con sus propias radiografías',
    show: 'Mostrar las cifras',
    hide: 'Ocultar las cifras',
    close: 'Terminar la validación',
    reading: (done, of) => `Analizando… ${done} de ${of} radiografías con etiqueta`,
    counting: 'Contando…',
    failed: 'No se han podido calcular las cifras: el programa se ha detenido.',
    again: 'Intentar de nuevo',
    announce: (films) => (films === 1 ? 'La validación ha terminado, con una radiografía.' : `La validación ha terminado, con ${films} radiografías.`),
    noneRead: 'No se ha analizado ninguna de las radiografías con etiqueta.',
    facts: {
      films: 'Radiografías contadas',
      classes: ({ covid19, normal, pneumonia }) => `COVID-19, ${covid19}; normales, ${normal}; neumonía, ${pneumonia}`,
      patients: 'Pacientes',
      unnamed:
        'No todos los pacientes están identificados. Una radiografía sin paciente cuenta como un paciente más; si varias son de uno, los intervalos son demasiado estrechos.',
      refused: 'Rechazadas por el control de entrada',
      unread: 'No se han podido leer',
      cancelled: 'Canceladas, sin analizar',
      otherModel: 'Analizadas con otro modelo, omitidas',
      leftOut: 'Etiqueta omitida',
      without: 'Sin etiqueta, omitidas',
      rowsWithout: 'Filas sin radiografía',
    },
    verdicts: {
      title: 'Qué ha dicho',
      truth: 'Etiqueta',
      said: { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Neumonía', uncertain: 'Ninguna clase nombrada', refused: 'Rechazada' },
      all: 'Todas',
    },
    figures: {
      title: 'Cifras, cada una con su intervalo del 95\u202f% por paciente',
      what: 'Cifra',
      here: 'Sus radiografías',
      card: 'Ficha del modelo',
      compared: (set, { covid19, normal, pneumonia }) =>
        `Junto a sus radiografías: las mismas cifras, con el mismo código, en las radiografías de la ficha del modelo de hospitales que este modelo nunca ha visto (${set}; COVID-19, ${covid19}; normales, ${normal}; neumonía, ${pneumonia}). Las radiografías, los pacientes y las etiquetas de allí no son los suyos.`,
      noCard: 'No se han podido cargar las cifras de la ficha del modelo.',
      basis:
        'La sensibilidad, la especificidad y la AUC cuentan cada radiografía analizada por su clase más probable, incluidas aquellas para las que la página no nombra ninguna clase y las que el control de entrada rechaza.',
      few: 'menos de 5 radiografías',
      pair: (one, other) => `AUC: ${answers[one]} frente a ${answers[other]}`,
      judged: 'Aciertos cuando se nombra una clase',
      coverage: 'La clase está entre las no descartadas',
      accuracy: 'La clase más probable es la correcta',
      normalsNamed: (named, films) =>
        films === 1
          ? `En la única radiografía normal ${named === 0 ? 'no ' : ''}se nombró COVID-19.`
          : `De ${films} radiografías normales, en ${named} se nombró COVID-19.`,
      normalsWorst: (hospital, share, films) => `En el peor hospital de la ficha del modelo (${hospital}) fue el ${share} de ${films}.`,
      alone: 'Los dos métodos por separado',
    },
    diagrams: {
      title: 'Hasta dónde fiarse de su seguridad',
      calibration: 'Calibración',
      confidence: 'Seguridad declarada',
      right: 'Proporción de aciertos',
      films: 'Radiografías',
      calibrationSaid: (films, error) =>
        `${films === 1 ? 'Una radiografía aceptada' : `${films} radiografías aceptadas`} según la probabilidad de la clase más probable; en la diagonal acierta tantas veces como dice. En promedio se desvía un ${percent(error.value)} (${percentInterval(error)}).`,
      risk: 'Riesgo y cobertura',
      kept: 'Radiografías conservadas, las más seguras primero',
      wrong: 'Proporción de errores',
      riskSaid: (films, all, half) =>
        `${films === 1 ? 'Una radiografía aceptada' : `${films} radiografías aceptadas`}: acierta en el ${percent(all.value)} (${percentInterval(all)}) de todas y en el ${percent(half.value)} (${percentInterval(half)}) de la mitad más segura.`,
      numbers: 'Los números',
    },
    wrong: {
      title: (films) => `Radiografías en las que se equivoca: ${films}`,
      lead: 'Se nombró una clase distinta de la de la etiqueta; las más seguras primero.',
      open: 'Abra una para verla.',
      none: 'En ninguna radiografía se nombró otra clase.',
      all: (films) => `Mostrar las ${films}`,
      what: (truth, said, probability) => `${labels[truth]}; se nombró ${labels[said]} (${probability})`,
    },
    save: {
      title: 'Para llevar',
      csv: 'Guardar las radiografías (CSV)',
      json: 'Guardar las cifras (JSON)',
      print: 'Imprimir o guardar como PDF',
      names: 'Con los nombres de archivo',
      note: 'Una fila por radiografía, con su etiqueta y la respuesta; todas las cifras completas. Los pacientes aparecen solo con números correlativos.',
      saved: 'El archivo está guardado.',
    },
  },

  compare: {
    title: 'Comparación',
    button: 'Comparar con…',
    close: 'Cerrar',
    swap: 'Intercambiar',
    swapLong: 'Intercambiar las dos radiografías',
    film: (side) => `Radiografía ${side}`,
    result: 'Resultado completo',
    resultOf: (side) => `Resultado completo de la radiografía ${side}`,
    tools: 'Herramientas para las dos radiografías',
    announce: (a, saidOfA, b, saidOfB) => `Se comparan dos radiografías. Radiografía A, ${a}: ${saidOfA}. Radiografía B, ${b}: ${saidOfB}.`,
    closed: 'La comparación está cerrada.',
    marked: (name) => `${name} es la radiografía A de una comparación. Vaya a otra radiografía y pulse C.`,
    unmarked: 'No hay ninguna radiografía elegida para comparar.',
    layout: 'Disposición de las radiografías',
    layouts: { beside: 'Una junto a otra', over: 'Una sobre otra' },
    linked: 'Vinculadas',
    links: {
      values: 'La ventana, la ampliación y el encuadre de una radiografía son los de la otra. La ventana es el mismo rango de valores en las dos.',
      range:
        'La ventana, la ampliación y el encuadre de una radiografía son los de la otra. Sus valores son de distinta clase o rango: la ventana se comparte en proporción a lo que hay en cada una.',
      one: 'Una de las dos radiografías no se puede ver aquí.',
      none: 'Ninguna de las dos radiografías se puede ver aquí.',
      off: 'Cada radiografía tiene su propia ventana, ampliación y encuadre.',
    },
    toolsOf: (side) => `Los números son los de la radiografía ${side}.`,
    linkChosen: (isLinked) => (isLinked ? 'Las radiografías están vinculadas' : 'Las radiografías no están vinculadas'),
    wipe: 'Hasta aquí se ve a la izquierda la radiografía A; a la derecha, la radiografía B',
    wipeValue: (percent) => `${percent} por ciento radiografía A, ${100 - percent} por ciento radiografía B`,
    table: 'Números de las dos radiografías',
    what: 'Proporción',
    difference: 'B menos A',
    points: (points) => `${points} puntos`,
    probabilities: 'Probabilidad calibrada',
    lungs: 'Parte de la radiografía que es pulmón',
    area: 'Ambos pulmones',
    left: 'Pulmón izquierdo, a la derecha de la radiografía',
    right: 'Pulmón derecho, a la izquierda de la radiografía',
    refused: 'no valorable',
    noLungs: 'sin pulmones encontrados',
    unread: 'no analizada',
    missing: 'no está en este resultado',
    noDifference: 'ninguna: falta uno de los dos números',
    note: 'Las diferencias son en puntos porcentuales y se calculan antes de redondear. Una diferencia por sí sola no dice si algo ha cambiado. También la exposición, la respiración y la postura cambian estos números.',
    otherModels: 'Los dos resultados proceden de modelos distintos. Sus probabilidades no están en la misma escala.',
    names: 'Con los nombres de archivo',
    sheetTitle: 'COVID-Classifier: comparación de dos radiografías',
    paper: (side, overlay) =>
      `Radiografía ${side}${overlay === 'off' ? '' : `, con lo que habla a favor de ${findings[overlay] ?? overlay} encima (naranja; azul: en contra) y el contorno de los pulmones`}`,
    chooseTitle: (name) => `Comparar ${name} con…`,
    find: 'Buscar por nombre',
    alone: 'No hay otra radiografía en esta página. Elija una o tome una sintética.',
    more: (more) => (more === 1 ? 'Hay otra radiografía: escriba una parte de su nombre.' : `Hay otras ${more} radiografías: escriba una parte del nombre.`),
    noMatch: 'Ninguna radiografía coincide.',
    sample: 'Una radiografía sintética',
    choose: 'Elegir radiografías…',
    cancel: 'Cancelar',
    keys: [
      {
        keys: ['C'],
        does: 'En las radiografías: elegir la radiografía A; en otra: comparar las dos. Ctrl o ⌘ con un clic compara con la que se muestra',
      },
      { keys: ['S'], does: 'En la comparación: intercambiar las radiografías' },
      { keys: ['K'], does: 'Vincular o desvincular' },
      { keys: ['B'], does: 'Una junto a otra o una sobre otra' },
      { keys: [',', '.'], does: 'Una sobre otra: menos de la radiografía A, más de ella' },
      { keys: ['Esc'], does: 'Cerrar la comparación' },
    ],
  },

  blind: {
    open: 'Leer a ciegas…',
    goOn: (number, of) => `Seguir leyendo a ciegas (${number} de ${of})…`,
    toFigures: 'Cifras de la lectura a ciegas…',
    title: 'Leer a ciegas',
    lead: 'Para docencia y estudios de lectores: usted lee cada radiografía antes de que la página diga nada de ella.',
    steps: [
      'Usted dice qué ve y con qué seguridad. Hasta entonces, nada de lo que ha encontrado el programa está en la página.',
      'Aparecen el resultado del programa y su mapa. Puede cambiar su respuesta; se conservan las dos.',
      'Al final, sus cifras están junto a las del programa. No se pregunta ningún nombre y las respuestas no salen de esta página.',
    ],
    films: (films) =>
      films === 0
        ? 'Aún no hay radiografías. Suéltelas en cualquier lugar de esta página o elíjalas.'
        : films === 1
          ? 'Hay una radiografía.'
          : `Hay ${films} radiografías.`,
    shownBefore: (shown, films) =>
      `${shown === films ? 'Sus resultados ya han estado' : `Los resultados de ${shown} de ellas ya han estado`} en la página. Para no ver ninguno antes de responder, abra primero «Leer a ciegas» y traiga después las radiografías.`,
    count: 'Cuántas radiografías',
    countWrong: (films) => (films === 1 ? 'Hay una radiografía: escriba 1.' : `Escriba un número entero de 1 a ${films}.`),
    noFilms: 'Elija primero radiografías.',
    noneReadable: 'No se ha podido analizar ninguna de estas radiografías.',
    seed: 'Semilla del orden',
    seedNote: 'Las radiografías se barajan. Las mismas radiografías y la misma semilla dan el mismo orden.',
    seedWrong: 'Escriba un número entero de 0 a 4294967295.',
    anotherSeed: 'Otra',
    labels: (labelled, films) =>
      `${labelled === films ? (films === 1 ? 'La radiografía tiene etiqueta' : `Las ${films} radiografías tienen etiqueta`) : `${labelled} de ${films} radiografías ${labelled === 1 ? 'tiene' : 'tienen'} etiqueta`}, de una tabla o del nombre de una carpeta. Las etiquetas se muestran al final.`,
    noLabels:
      'No se han encontrado etiquetas, y no hacen falta. Para tener cifras de aciertos y errores, ponga las radiografías en carpetas llamadas covid19, normal y pneumonia, o traiga con ellas una tabla (CSV: file,label).',
    useLabels: 'Comparar con las etiquetas al final',
    start: 'Empezar a leer',
    back: 'Volver a las radiografías',
    keysTitle: 'Teclas',
    keys: [
      { keys: ['1', '2', '3', '4'], does: 'COVID-19, normal, otra neumonía, no puedo decirlo' },
      { keys: ['5', '…', '9', '0'], does: 'Seguridad del 50 al 90\u202f%, del 100\u202f%' },
      { keys: ['←', '→'], does: 'Menos seguro, más seguro' },
      { keys: ['Intro'], does: 'Mostrar el resultado; después, la radiografía siguiente' },
    ],
    place: (number, of) => `Radiografía ${number} de ${of}`,
    saysAt: (place) => `${place}; el programa dice`,
    ask: '¿Qué ve?',
    askAfter: 'Su respuesta después de ver el programa',
    afterNote: 'Cámbiela o déjela. Su primera respuesta se conserva junto a ella.',
    answers: { covid19: 'COVID-19', normal: 'Normal', pneumonia: 'Otra neumonía', cannot_say: 'No puedo decirlo' },
    sure: '¿Con qué seguridad?',
    sureness: (share) => percent(share),
    answerMissing: 'Elija antes una respuesta.',
    sureMissing: 'Diga antes con qué seguridad.',
    show: 'Mostrar el resultado',
    next: 'Radiografía siguiente',
    toEnd: 'A las cifras',
    leave: 'Salir…',
    failedNote: 'Queda fuera de esta lectura.',
    later: 'Las radiografías que han llegado ahora no forman parte de esta lectura. Están en la lista cuando salga de ella.',
    youSaid: (answer, sureness) =>
      answer === 'cannot_say'
        ? 'No pudo decir qué muestra esta radiografía.'
        : `Usted dijo: ${answer === 'pneumonia' ? 'otra neumonía' : answers[answer]}, con una seguridad del ${percent(sureness ?? 0)}.`,
    leaveTitle: '¿Salir de la lectura a ciegas?',
    leaveText:
      'Puede seguir más tarde, mientras esta página esté abierta. La lista muestra entonces los resultados de todas las radiografías, también de las que no ha respondido; la exportación lo indica en cada una que responda después.',
    leaveNow: 'Salir por ahora',
    endNow: 'Terminar aquí, a las cifras',
    stay: 'Quedarse',
    endTitle: 'Su lectura junto a la del programa',
    summary: (films, labelled) =>
      `Ha leído a ciegas ${films === 1 ? 'una radiografía' : `${films} radiografías`}; ${labelled === 0 ? 'ninguna tiene' : labelled === films ? (films === 1 ? 'tiene' : 'todas tienen') : labelled === 1 ? 'una tiene' : `${labelled} tienen`} etiqueta.`,
    leftOut: (films) =>
      films === 1
        ? 'Una radiografía no se pudo analizar o se quitó, y queda fuera.'
        : `${films} radiografías no se pudieron analizar o se quitaron, y quedan fuera.`,
    refused: (films) => `El programa ha rechazado ${films === 1 ? 'una radiografía' : `${films} radiografías`}.`,
    shownInEnd: (films) => `El resultado de ${films === 1 ? 'una radiografía' : `${films} radiografías`} estaba en la página antes de dar la respuesta.`,
    figuresTitle: 'Cifras, con intervalos del 95\u202f%',
    figuresNote:
      'Sobre las radiografías con etiqueta. Los aciertos, la sensibilidad y la especificidad son proporciones de las radiografías para las que se nombró una clase; las que no tienen se cuentan aparte. Intervalos de Wilson.',
    figuresNoLabels: 'Sin etiquetas nadie acierta ni se equivoca. Lo que se puede contar es cuántas veces usted y el programa dicen lo mismo.',
    figure: 'Cifra',
    columns: ['Usted', 'Usted, tras ver el programa', 'Programa'],
    accuracy: 'Aciertos',
    sensitivity: (label) => `Sensibilidad, ${answers[label]}`,
    specificity: (label) => `Especificidad, ${answers[label]}`,
    noClass: 'Ninguna clase nombrada',
    agreement: 'La misma clase que el programa, cuando ambos nombran una',
    ofFilms: (count, n) => `${count} de ${n}`,
    changesTitle: 'Después de ver el programa',
    changedNone: 'No cambió ninguna respuesta.',
    changed: (count, n, share, interval) => `Cambió su respuesta en ${count} de ${n} radiografías (${share}; intervalo del 95\u202f%: ${interval}).`,
    toReader: (films) => `A la clase que nombró el programa: ${films}`,
    towardsRight: (films) => `Hacia el acierto: ${films}`,
    towardsWrong: (films) => `Hacia el error: ${films}`,
    neither: (films) => `Ni antes ni después con acierto: ${films}`,
    saveTitle: 'Para llevar',
    saveCsv: 'Guardar como CSV',
    saveJson: 'Guardar como JSON, con las cifras',
    saveNote: 'La semilla y el modelo están en el archivo; el nombre de una persona, no. El archivo se crea aquí y no contiene ninguna radiografía.',
    saved: 'La lectura a ciegas está guardada.',
    listTitle: (films) => (films === 1 ? 'La radiografía' : `Las ${films} radiografías`),
    listColumns: ['Radiografía', 'Usted', 'Tras ver el programa', 'Programa', 'Etiqueta'],
    foot: (seed, version) => `Semilla del orden: ${seed}.${version ? ` Modelo ${version}.` : ''} Herramienta de investigación, no un producto sanitario.`,
    again: 'Otra ronda…',
    againTitle: '¿Empezar otra ronda?',
    againText: 'Las respuestas de esta aún no están en ningún archivo y se pierden.',
  },
};

/** @param {number | null} inside */
function insideLungs(inside) {
  return inside === null ? '' : ` El ${percent(inside)} de lo que habla a favor está dentro de los pulmones.`;
}

/**
 * "share of normal films called covid19" or "AUC, covid19 against normal, by the probability of covid19"; what is neither stays as it is.
 * @param {string} text
 */
function measure(text) {
  const [, films, called] = /^share of (\w+) films called (\w+)$/.exec(text) ?? [];
  if (called) return `Proporción de ${filmsOf[films] ?? films} clasificadas como ${calledAs[called] ?? called}`;
  const [, one, other, by] = /^AUC, (\w+) against (\w+), by the probability of (\w+)$/.exec(text) ?? [];
  if (by) return `AUC: ${answers[one] ?? one} frente a ${answers[other] ?? other}, según la probabilidad de ${findings[by] ?? by}`;
  return text;
}

/** In full, with the time zone, so that nobody takes it for another. @param {Date} when */
function dateAndTime(when) {
  return when.toLocaleString('es-ES', { dateStyle: 'long', timeStyle: 'long' });
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

/** @param {string} digits with a point */
function comma(digits) {
  return digits.replace('.', ',');
}
