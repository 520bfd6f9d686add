import { createClassifier } from '../covid-classifier.js';

const films = document.querySelector('#films');
const reports = document.querySelector('#reports');
let starting;

films.addEventListener('change', async () => {
  const classifier = await (starting ??= createClassifier());
  for (const film of films.files) {
    classifier.classify(film).then(
      ({ name, report }) => reports.append(`${name}: ${report.verdict} ${JSON.stringify(report.probabilities)}\n`),
      (error) => reports.append(`${film.name}: ${error.kind}, ${error.message}\n`),
    );
  }
});
