import { createClassifier } from '../covid-classifier.js';

const films = document.querySelector('#films');
const reports = document.querySelector('#reports');
let starting;

films.addEventListener('change', async () => {
  const chosen = [...films.files];
  let classifier;
  try {
    starting ??= createClassifier();
    classifier = await starting;
  } catch (error) {
    starting = undefined;
    reports.append(`${error.kind}, ${error.message}\n`);
    return;
  }
  for (const film of chosen) {
    classifier.classify(film).then(
      ({ name, report }) => reports.append(`${name}: ${report.verdict} ${JSON.stringify(report.probabilities)}\n`),
      (error) => reports.append(`${film.name}: ${error.kind}, ${error.message}\n`),
    );
  }
});
