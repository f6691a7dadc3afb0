//! What is known of objects, against a model that holds everything: random keys, batches, merges, and questions.

use std::collections::BTreeSet;

use super::world::{memory, object_row, open};
use crate::lake::{Asked, Lake, ObjectRow, Outcome};
use crate::source::Positions;

/// A little generator: the same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// Keys that share beginnings, some of them longer than what bounds are usually kept of.
    fn object(&mut self) -> String {
        let long = "AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/eu-central-1/2026/07/01/";
        let folder = ["", "a/", "a0/", "ü/", long][self.roll(5) as usize];
        format!("{folder}{:03}", self.roll(300))
    }

    fn name(&mut self) -> (String, String, String) {
        (["one", "other", "two"][self.roll(3) as usize].to_owned(), self.object(), self.roll(2).to_string())
    }
}

type Name = (String, String, String);

async fn commit(lake: &mut Lake, names: &BTreeSet<Name>) -> Outcome {
    let mut batch = lake.stage();
    for (source, object, object_version) in names.iter().cloned() {
        batch.object(ObjectRow { source, object, object_version, ..object_row(0) });
    }
    lake.commit(batch).await.unwrap()
}

async fn agrees(lake: &Lake, model: &BTreeSet<Name>, dice: &mut Dice) {
    let names: Vec<Name> = (0..60).map(|_| dice.name()).chain(model.iter().take(20).cloned()).collect();
    let asked: Vec<Asked<'_>> = names.iter().map(|(source, object, object_version)| Asked { source, object, object_version }).collect();
    let expected: Vec<bool> = names.iter().map(|name| model.contains(name)).collect();
    assert_eq!(lake.known().holds_each(&asked).await.unwrap(), expected);
    for source in ["one", "other", "two", "zero"] {
        let keys: BTreeSet<String> = model.iter().filter(|(of, ..)| of == source).map(|(_, object, _)| object.clone()).collect();
        assert_eq!(lake.known().holds_source(source).await.unwrap(), !keys.is_empty());
        let positions = lake.known().positions(source);
        for prefix in ["", "a", "a/", "a/1", "a0/", "AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/eu-central-1/2026/07/01/2", "ü/", "zz"] {
            let expected = keys.last_below(prefix).await.unwrap();
            assert_eq!(positions.last_below(prefix).await.unwrap(), expected, "{prefix:?} of {source}");
        }
    }
}

#[tokio::test]
async fn agrees_with_a_model_on_random_keys_whatever_is_merged() {
    for seed in 1..=3 {
        let (store, mut dice, mut model) = (memory(), Dice(seed), BTreeSet::new());
        let mut lake = open(&store).await.unwrap();
        agrees(&lake, &model, &mut dice).await;
        for _ in 0..10 {
            let size = 1 + dice.roll(25);
            let names: BTreeSet<Name> = (0..size).map(|_| dice.name()).collect();
            // A batch with anything that is known is a conflict; then what is new of it is committed.
            let is_known = !names.is_disjoint(&model);
            assert_eq!(commit(&mut lake, &names).await == Outcome::Conflicted, is_known);
            if is_known {
                let new = names.difference(&model).cloned().collect();
                assert_eq!(commit(&mut lake, &new).await, Outcome::Committed);
            }
            model.extend(names);
            agrees(&lake, &model, &mut dice).await;
            match dice.roll(4) {
                0 => drop(lake.settle().await.unwrap()),
                1 => drop(lake.compact(u64::MAX).await.unwrap()),
                2 => lake = open(&store).await.unwrap(),
                _ => {}
            }
            agrees(&lake, &model, &mut dice).await;
        }
    }
}
