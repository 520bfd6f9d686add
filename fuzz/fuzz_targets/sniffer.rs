#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covid_classifier_fuzz::run("sniffer", data));
