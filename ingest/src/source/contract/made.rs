//! The clauses for sources that make their own keys, of answers to what they ask. What is planted is given back in objects of the source's
//! making: how many, under which keys and in which form is the source's own; that they are each there once, in order, whole and the same again is not.

use std::collections::BTreeSet;

use sessions::decode::{Interest, interest};

use super::{Disturbance, ErrorKind, Listed, Made, Planted, all, list, noise, origin, plant, read, read_disturbed};

pub(super) async fn hold(ground: &dyn Made) {
    lists_each_object_once_in_order_and_again_the_same(ground).await;
    gives_every_byte_back(ground).await;
    opens_nothing_outside(ground).await;
    notices_what_is_not_as_listed(ground).await;
    notices_what_changes_while_it_is_read(ground).await;
    one_denied_place_leaves_the_rest(ground).await;
}

/// Things that are stored a day apart, so that no source takes them for one.
fn apart(count: usize) -> Vec<Planted> {
    let day = |n: usize| i64::try_from(n).unwrap_or(0) * 86_400;
    (0..count).map(|n| plant(&format!("{n}.log"), noise(n * 1_000))).enumerate().map(|(n, planted)| later(planted, day(n))).collect()
}

fn later(mut planted: Planted, seconds: i64) -> Planted {
    planted.modified = planted.modified.plus_seconds(seconds);
    planted
}

async fn lists_each_object_once_in_order_and_again_the_same(ground: &dyn Made) {
    let source = ground.plant(origin(), &apart(20)).await;
    let first = all(list(&*source).await);
    let keys: Vec<&str> = first.iter().map(|listed| listed.object.key.as_str()).collect();
    let ordered: BTreeSet<&str> = keys.iter().copied().collect();
    assert!(keys.len() >= 20 && keys == ordered.into_iter().collect::<Vec<_>>(), "each key once, in the order of its bytes: {keys:?}");
    for Listed { object, .. } in &first {
        assert_eq!(interest(object.kind, &object.key), Interest::Read, "{}", object.key);
        assert!(!object.object_version.is_empty(), "version of {}", object.key);
        assert_eq!((object.source.as_str(), object.kind), ("contract", source.kind()));
        assert_eq!((object.account_id.as_deref(), object.region.as_deref()), (Some("111122223333"), Some("eu-west-1")));
    }
    assert_eq!(first, all(list(&*source).await), "listing twice gives the same");
}

async fn gives_every_byte_back(ground: &dyn Made) {
    let source = ground.plant(origin(), &apart(20)).await;
    for listed in all(list(&*source).await) {
        let (once, again) = (read(&*source, &listed).await, read(&*source, &listed).await);
        assert!(matches!(&once, Ok(bytes) if bytes.len() as u64 == listed.object.size), "size of {}", listed.object.key);
        assert_eq!(once, again, "bytes of {}, read again", listed.object.key);
        let anew = ground.anew().await;
        assert_eq!(once, read(&*anew, &listed).await, "bytes of {}, of a source that has not listed it", listed.object.key);
    }
}

async fn opens_nothing_outside(ground: &dyn Made) {
    let source = ground.plant(origin(), &apart(2)).await;
    let listed = all(list(&*source).await);
    let key = &listed[0].object.key;
    for stray in [format!("../{key}"), format!("{key}/"), format!("/{key}"), format!("{key}\0"), String::new(), ".".to_owned(), "a.log".to_owned()] {
        let mut outside = listed[0].clone();
        outside.object.key.clone_from(&stray);
        assert!(read(&*source, &outside).await.is_err(), "{stray:?} is no key of this source");
    }
}

async fn notices_what_is_not_as_listed(ground: &dyn Made) {
    let source = ground.plant(origin(), &apart(3)).await;
    let listed = all(list(&*source).await);
    ground.clear().await;
    assert_eq!(read(&*ground.anew().await, &listed[0]).await.err(), Some(ErrorKind::NotFound), "an object that is gone is told so");
    let source = ground.plant(origin(), &apart(3)).await;
    let mut older = all(list(&*source).await)[0].clone();
    older.object.object_version = "another".to_owned();
    for source in [&*source, &*ground.anew().await] {
        assert_eq!(read(source, &older).await.err(), Some(ErrorKind::Conflict), "bytes of another version are not passed off");
    }
}

async fn notices_what_changes_while_it_is_read(ground: &dyn Made) {
    let planted = [plant("a.log", noise(300_000)), later(plant("b.log", noise(5)), 86_400)];
    let source = ground.plant(origin(), &planted).await;
    let listed = all(list(&*source).await);
    let whole = read(&*source, &listed[0]).await;
    match read_disturbed(ground, &*source, &listed[0], Disturbance::Grows).await {
        Ok(bytes) => assert!(Ok(bytes) == whole, "an object is passed off as whole that grew while it was read"),
        Err(kind) => assert_eq!(kind, ErrorKind::Conflict),
    }
    assert_eq!(read(&*ground.anew().await, &listed[0]).await.err(), Some(ErrorKind::Conflict), "what has grown since is another version");
    assert!(read(&*source, &listed[1]).await.is_ok(), "the rest is read");
}

async fn one_denied_place_leaves_the_rest(ground: &dyn Made) {
    let mut planted = apart(3);
    planted[1].is_denied = true;
    let source = ground.plant(origin(), &planted).await;
    let (listed, errors): (Vec<_>, Vec<_>) = list(&*source).await.into_iter().partition(Result::is_ok);
    let errors: Vec<_> = errors.into_iter().filter_map(Result::err).collect();
    let told: Vec<_> = errors.iter().map(|error| (error.kind, error.source_name.as_str(), error.place.ends_with('/'))).collect();
    assert_eq!((told, all(listed).len()), (vec![(ErrorKind::Denied, "contract", true)], 2), "told once, as a folder, and the rest still comes: {errors:?}");
}
