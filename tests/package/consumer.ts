// Uses the npm package as a builder would. Nothing runs it: embed.test.mjs has the compiler check it under `strict`.

import { ClassifierError, createClassifier, type Classifier, type ErrorKind, type Pictures, type Report, type Result } from 'covid-classifier';
import { XrayClassifierElement } from 'covid-classifier/xray-classifier.js';

const controller = new AbortController();

const classifier: Classifier = await createClassifier({
  backend: 'simd',
  workers: 2,
  signal: controller.signal,
  metrics: false,
  model: [new File([], 'manifest.json')],
  onProgress: ({ done, of }) => console.log(done / of),
  onCompute: ({ backend, attempts }) => console.log(backend, attempts.length),
});

export async function read(film: File): Promise<Report | ErrorKind> {
  try {
    const { name, report, thumbnail, pictures }: Result = await classifier.classify(film, {
      name: 'a film',
      pictures: () => true,
      readAs: { mirrored: true },
      onPart(part) {
        if ('report' in part) console.log(part.report.verdict);
        else console.log(part.thumbnail?.width);
      },
      signal: AbortSignal.timeout(1000),
      onProgress({ stage }) {
        if (stage === 'done') console.log(stage);
      },
    });
    const look: Pictures | null = (await classifier.look(film, { readAs: { mirrored: true } })).pictures;
    const tags: string[] = (await classifier.tags(film)).map(({ name }) => name);
    console.log(look, tags);
    const share: number | undefined = report.probabilities?.covid19;
    const center: number | undefined = pictures?.film.windows.auto.center;
    const red: number | undefined = pictures?.activation?.normal.pixels[0];
    console.log(name, share, center, red, thumbnail?.gray.length, classifier.compute.backend, classifier.model.version);
    return report;
  } catch (error) {
    if (error instanceof ClassifierError) return error.kind;
    throw error;
  } finally {
    classifier.close();
  }
}

const element = document.createElement('xray-classifier');
element.classifier = classifier;
element.addEventListener('xray-result', ({ detail }) => console.log(detail.report.verdict, detail.pictures?.film.width));
element.addEventListener('xray-error', ({ detail }) => console.log(detail.kind));
element.addEventListener('xray-progress', ({ detail }) => {
  if (detail.stage === 'loading') console.log(detail.done, detail.of);
});
element.addEventListener('click', (event: MouseEvent) => console.log(event.button));
console.log(element instanceof XrayClassifierElement);
const pictures: Pictures | null | undefined = element.result?.pictures;
console.log(pictures);

// @ts-expect-error there is no such option
void createClassifier({ threads: 2 });
// @ts-expect-error an address is no film
void classifier.classify('film.png');
// @ts-expect-error what is known is not set
classifier.model = null;
