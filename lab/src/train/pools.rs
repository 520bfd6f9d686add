//! Chooses the films of a batch, balanced over the classes and over the collections of each.

use std::collections::BTreeMap;

use covid_classifier::{Error, ErrorKind, LABELS, Result};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::recipe::Recipe;
use crate::crops::Prepared;
use crate::dataset::Finding;

/// Films by class and source, with the frequency of each source.
pub struct Pools {
    /// For each class, and then for films without one: (cumulative share, films) per source.
    classes: Vec<Vec<(f64, Vec<usize>)>>,
}

/// The pool of films that are only known to be not normal.
pub const BEYOND: usize = LABELS.len();

impl Pools {
    /// Makes the pools of the films to train on.
    ///
    /// # Errors
    /// [`ErrorKind::Dataset`] where a class has no film.
    pub fn new(films: &[&Prepared], recipe: &Recipe) -> Result<Self> {
        let mut classes = Vec::new();
        for class in LABELS.map(Some).into_iter().chain([None]) {
            // Films without a class are also divided by finding.
            let mut sources: BTreeMap<(&str, Option<Finding>), Vec<usize>> = BTreeMap::new();
            for (k, film) in films.iter().enumerate() {
                let finding = film.about.finding;
                if recipe.class(finding) == class {
                    let finding = class.is_none().then_some(finding);
                    sources.entry((&film.about.source, finding)).or_default().push(k);
                }
            }
            let weight = |films: &Vec<usize>| (films.len() as f64).powf(recipe.source_power);
            let total: f64 = sources.values().map(weight).sum();
            let mut share = 0.0;
            let pool = sources.into_values().map(|films| {
                share += weight(&films) / total;
                (share, films)
            });
            let pool: Vec<_> = pool.collect();
            match class {
                Some(label) if pool.is_empty() => {
                    let message = format!("no training film is {}", label.name());
                    return Err(Error::new(ErrorKind::Dataset, message));
                }
                _ => classes.push(pool),
            }
        }
        Ok(Self { classes })
    }

    /// Whether any film is only known to be not normal.
    pub fn has_beyond(&self) -> bool {
        !self.classes[BEYOND].is_empty()
    }

    /// Draws a film of the class, or of [`BEYOND`], and returns its number.
    pub fn draw(&self, class: usize, rng: &mut ChaCha8Rng) -> usize {
        let pool = &self.classes[class];
        let at: f64 = rng.random();
        let films =
            pool.iter().find(|(share, _)| at < *share).or(pool.last()).map_or(&[][..], |(_, films)| films);
        films[rng.random_range(0..films.len())]
    }
}

#[cfg(test)]
mod tests {
    use covid_classifier::Label;

    use super::*;
    use crate::crops::tests::phantom;
    use crate::dataset::Split;
    use crate::train::negatives::generator;

    #[test]
    fn sources_are_drawn_by_the_fourth_root_of_their_size() {
        let mut films: Vec<Prepared> = Vec::new();
        films.extend((0..16).map(|k| phantom("large", Label::Normal, Split::Train, k)));
        films.push(phantom("small", Label::Normal, Split::Train, 99));
        films.push(phantom("other", Label::Covid19, Split::Train, 98));
        let refs: Vec<&Prepared> = films.iter().collect();
        let error = Pools::new(&refs, &Recipe::default()).err().unwrap();
        assert!(error.to_string().contains("no training film is pneumonia"), "{error}");
        films.push(phantom("other", Label::Pneumonia, Split::Train, 97));
        let refs: Vec<&Prepared> = films.iter().collect();
        let pools = Pools::new(&refs, &Recipe::default()).unwrap();
        let mut rng = generator(1, 0);
        let drawn: Vec<usize> = (0..3000).map(|_| pools.draw(Label::Normal.index(), &mut rng)).collect();
        assert!(drawn.iter().all(|&k| films[k].about.label() == Some(Label::Normal)));
        // Sixteen films of one source weigh twice as much as a single one of another.
        let small = drawn.iter().filter(|&&k| k == 16).count() as f64 / 3000.0;
        assert!((small - 1.0 / 3.0).abs() < 0.03, "{small}");
        let first = drawn.iter().filter(|&&k| k == 0).count() as f64 / 3000.0;
        assert!((first - 2.0 / 48.0).abs() < 0.02, "{first}");
    }
}
