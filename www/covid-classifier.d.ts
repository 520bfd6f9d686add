// What covid-classifier.js offers to other pages and programs.

export * from './reader/classifier.js';
