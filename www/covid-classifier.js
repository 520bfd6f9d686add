// The classifier for other pages and programs, without an element or globals. covid-classifier.d.ts describes the interface.

export { ClassifierError, createClassifier } from './reader/classifier.js';
