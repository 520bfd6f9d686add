//! Runs the suite on this machine: SIMD kernels, the shaders' twins, and the shaders on the first Vulkan or Metal
//! adapter, which may be software. Without an adapter its tests are reported as ignored, never as passed.

use covid_classifier::compute::Backend;
use covid_classifier::network::{Shaders, WebgpuDevice};
use libtest_mimic::{Arguments, Failed, Trial};
use parity::{Case, Contestant, Finding, blind_cases, compare, compare_films, first_failure};
use parity::{layers, networks, wrong_shaders};
use pollster::block_on;

/// Tiles with the most work per thread, with the least, and in between.
const ENOUGH: [usize; 3] = [0, 100, usize::MAX];

fn main() {
    let adapter =
        block_on(WebgpuDevice::open(true, Shaders::default())).map(|gpu| gpu.adapter().name.clone());
    match &adapter {
        Ok(name) => println!("shaders run on: {name}"),
        Err(trouble) => println!("no shaders are run, their tests are skipped: {trouble}"),
    }
    let skipped = adapter.is_err();
    let mut trials = vec![
        Trial::test("simd_agrees_with_candle", || agrees(&Contestant::Simd, &all()?)),
        Trial::test("simd_reads_films_as_candle_does", || films(Backend::Simd)),
        Trial::test("a_disturbed_oracle_is_seen", || sees_all(&Contestant::Simd)),
        Trial::test("webgpu_reads_films_as_candle_does", || films(Backend::Webgpu))
            .with_ignored_flag(skipped),
        Trial::test("wrong_shaders_are_found", wrong_shaders_are_found).with_ignored_flag(skipped),
    ];
    for enough in ENOUGH {
        let name = format!("twins_agree_with_candle_{enough}_threads");
        trials.push(Trial::test(name, move || agrees(&Contestant::Twin(enough), &layers())));
        let gpu = move || agrees(&Contestant::Webgpu(Box::new(open(Shaders::default())?), enough), &all()?);
        let name = format!("webgpu_agrees_with_candle_{enough}_threads");
        trials.push(Trial::test(name, gpu).with_ignored_flag(skipped));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn all() -> Result<Vec<Case>, Failed> {
    let mut cases = layers();
    cases.extend(networks()?);
    Ok(cases)
}

fn open(shaders: Shaders) -> Result<WebgpuDevice, Failed> {
    block_on(WebgpuDevice::open(true, shaders)).map_err(|trouble| trouble.to_string().into())
}

fn judged(findings: &[Finding]) -> Result<(), Failed> {
    let worst = findings.iter().filter_map(|finding| finding.difference).fold(0.0, f64::max);
    println!("{} cases, largest difference {worst:.1e}", findings.len());
    let failed: Vec<String> = findings
        .iter()
        .filter(|finding| !finding.passed)
        .map(|finding| format!("{}: {:?} {:?}", finding.case, finding.difference, finding.trouble))
        .collect();
    match failed.is_empty() && !findings.is_empty() {
        true => Ok(()),
        false => Err(format!("{} of {} cases:\n{}", failed.len(), findings.len(), failed.join("\n")).into()),
    }
}

fn agrees(contestant: &Contestant, cases: &[Case]) -> Result<(), Failed> {
    judged(&block_on(compare(contestant, cases)))
}

fn films(backend: Backend) -> Result<(), Failed> {
    judged(&block_on(compare_films(backend))?)
}

fn sees_all(contestant: &Contestant) -> Result<(), Failed> {
    // A network that ends in a convolution shows its last bias; ReLU may hide it.
    let blind = block_on(blind_cases(contestant, &networks()?));
    match blind.is_empty() {
        true => Ok(()),
        false => Err(format!("{} cases see no difference", blind.len()).into()),
    }
}

fn wrong_shaders_are_found() -> Result<(), Failed> {
    let cases = layers();
    for (what, shaders) in wrong_shaders() {
        let contestant = Contestant::Webgpu(Box::new(open(shaders)?), 0);
        match block_on(first_failure(&contestant, &cases)) {
            Some(finding) => println!("{what}: {}", finding.case),
            None => return Err(format!("nobody notices: {what}").into()),
        }
    }
    Ok(())
}
