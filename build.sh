#!/usr/bin/env bash
# Sets up, builds, serves, tests and measures covid-classifier. `./build.sh --help` says how.
set -euo pipefail

usage() {
    cat <<'END'
Usage: ./build.sh [COMMAND] [OPTIONS]

  (none)              build the static site into dist/
  serve [--port N]    build the site and serve it on 127.0.0.1 (port 8080; 0 takes a free one)
  single              build the site and, as dist/covid-classifier.html, the whole page in one file, which
                      opens from a disk
  package             build the site and, in target/, the npm package of its modules for other pages
  test [--quick]      everything that continuous integration checks, with a summary at the end; with
                        --quick no browser and no release build: what to run while working
  format              write Rust and JavaScript as `test` wants them (rustfmt, biome)
  fuzz [SECONDS [TARGET...]]
                      fuzz the readers with libFuzzer, each for SECONDS (60)
  bench [OPTIONS]     build, then measure against peers and goals (needs Python 3.11 or newer)
    --only PART,...     of wasm, webgpu (both: networks against onnxruntime-web and TensorFlow.js),
                        cold, drop (the first film on the page against the tenth), throughput, memory,
                        load (1,000 films in the page), download, reference (the Python reference),
                        archive (a long list through the program; alone it needs no browser)
    --rounds N          more rounds, less noise (5)
  train WHAT [OPTIONS]  train texture, lungs, convnet, gate or verdict (in this order) and write models/
  evaluate [OPTIONS]  evaluate the shipped model and write models/metrics.json and models/evidence.json
  setup               only check and install what the commands above need
  --help              this text

What is missing is installed where that can be done without asking: the WebAssembly target through
rustup, npm packages into node_modules/, Node.js, Chromium and Firefox through apt-get as root; Python
packages, nginx and Caddy into target/. What cannot be installed is named, with what to do about it.

Environment:
  COVID_CLASSIFIER_DATA   folder with the films that train and evaluate read (default ../shared/data)
  CHROMIUM                the browser of the tests and of bench
  FIREFOX                 the other browser of the tests
  CARGO_TARGET_DIR        where build products go (default target/)

Paths among the OPTIONS are relative to the repository.
END
}

# A relative CARGO_TARGET_DIR is relative to where the caller stands.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
[[ $target == /* ]] || target=$PWD/$target
export CARGO_TARGET_DIR=$target
cd "$root"

readonly root target
readonly stamps=$target/setup
readonly site_parts=$target/site
readonly xtask=$target/debug/xtask
readonly wasm_target=wasm32-unknown-unknown
# No more inlining than LLVM's: a browser compiles a function well only when it is called again, so that
# the first film takes twice as long in few large functions. The features are what rustc and
# .cargo/config.toml let LLVM emit; wasm-opt refuses a module that uses more.
# The lowest kilobyte is the far end of the stack, which a program that works does not reach: so a sum of an address and
# a small number cannot be a wrapped one, and becomes part of the load or store. Once through: repeating the passes until
# nothing changes (--converge) takes almost three times as long, for 0.1 % of the bytes and the same speed.
readonly wasm_opt_flags=(
    -O3 --flexible-inline-max-function-size=0 --one-caller-inline-max-function-size=0
    --low-memory-unused --strip-debug --strip-producers
    --enable-simd --enable-bulk-memory --enable-bulk-memory-opt --enable-call-indirect-overlong
    --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals
    --enable-reference-types --enable-multivalue --enable-relaxed-simd
)

source "$root/tools/setup.sh"

# --- The site ---------------------------------------------------------------------------------

# Usage: build_site [CARGO ARGUMENTS that build xtask]. `test` passes the selection its tests were
# built with, so that no dependency is built twice.
build_site() {
    need_rust
    local tools=("$@")
    [[ ${#tools[@]} -gt 0 ]] || tools=(--package xtask)
    # They put the site together.
    need_npm_packages || die "$npm_problem." "The site is put together with Node.js and esbuild."
    say "building the build tool"
    cargo build "${tools[@]}"
    say "building the WebAssembly module"
    build_module
    generate_bindings
    say "putting dist/ together"
    node tools/dist.mjs --bindgen "$site_parts"
}

# RUSTFLAGS of the caller would silently replace those of .cargo/config.toml, SIMD among them. The
# remapping keeps the builder's home directory out of the published file. The module is built for relaxed SIMD;
# what browsers without it get is made of that.
build_module() {
    local cargo_home=${CARGO_HOME:-$HOME/.cargo}
    local flags="'-Ctarget-feature=+relaxed-simd', '--remap-path-prefix=$root=.', '--remap-path-prefix=$cargo_home=cargo'"
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS cargo \
        --config "target.$wasm_target.rustflags = [$flags]" \
        build --profile page --lib --target "$wasm_target" --no-default-features
}

# wasm-bindgen, then wasm-opt, then the same without relaxed SIMD; all are left out where they would do what they did
# last time.
generate_bindings() {
    local module=$target/$wasm_target/page/covid_classifier.wasm
    local bound=$site_parts/wasm_bg.wasm
    local relaxed=$site_parts/relaxed_wasm_bg.wasm
    local key
    key="$(cat build.sh tools/plain.mjs Cargo.lock package-lock.json "$module" | cksum)"
    stamped site "$key" && [[ -f $bound && -f $relaxed ]] && return

    rm -f "$stamps/site"
    say "generating JavaScript bindings"
    "$xtask" bindgen --wasm "$module" --out "$site_parts"
    say "optimising the module with wasm-opt"
    node_modules/.bin/wasm-opt "${wasm_opt_flags[@]}" "$bound" -o "$bound.optimised"
    mv "$bound.optimised" "$relaxed"
    node tools/plain.mjs --in "$relaxed" --out "$bound"
    stamp site "$key"
}

# --- The tests --------------------------------------------------------------------------------

step_names=()
step_results=()
step_seconds=()

record() {
    step_names+=("$1")
    step_results+=("$2")
    step_seconds+=("$3")
}

# Usage: step NAME COMMAND... Runs the command, notes how it went and goes on either way.
step() {
    local name=$1 begin=$SECONDS status=0
    shift
    printf '\n'
    say "$name"
    # In a condition bash would ignore `set -e` inside the command.
    set +e
    (
        set -e
        "$@"
    )
    status=$?
    set -e
    [[ $status -ne 130 ]] || exit 130
    if [[ $status -eq 0 ]]; then
        record "$name" ok $((SECONDS - begin))
    else
        record "$name" FAILED $((SECONDS - begin))
    fi
    return 0
}

last_step_passed() { [[ ${step_results[${#step_results[@]} - 1]} == ok ]]; }

print_summary() {
    local index failed=0 skipped=0
    printf '\nSummary\n'
    for index in "${!step_names[@]}"; do
        printf '  %-7s %5s s  %s\n' "${step_results[index]}" "${step_seconds[index]}" "${step_names[index]}"
        [[ ${step_results[index]} != FAILED ]] || failed=$((failed + 1))
        [[ ${step_results[index]} != skipped ]] || skipped=$((skipped + 1))
    done
    if [[ $failed -eq 0 && $skipped -eq 0 ]]; then
        printf 'All %d steps passed in %d s.\n' "${#step_names[@]}" "$SECONDS"
    elif [[ $failed -eq 0 ]]; then
        printf 'No step failed in %d s, but %d of %d could not be done here.\n' "$SECONDS" "$skipped" "${#step_names[@]}"
    else
        printf '%d of %d steps did not pass.\n' "$((failed + skipped))" "${#step_names[@]}"
    fi
    return $((failed > 0))
}

set_up_tests() {
    need_npm_packages || die "$npm_problem."
    need_chromium
    need_firefox
    need_hosts
    need_vulkan
    say "browsers: $("$CHROMIUM" --version 2>/dev/null), ${FIREFOX:+$("$FIREFOX" --version 2>/dev/null)}"
}

check_lock_file() { cargo metadata --locked --format-version 1 >/dev/null; }

# With what the parity suite wants of the library; the page's own build has less of it.
check_wasm() {
    cargo clippy --lib --target "$wasm_target" --no-default-features --package covid-classifier --package parity \
        -- -D warnings
}

check_rustdoc() {
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
}

# What `cargo test --workspace` builds. With another selection crates have other features, and all of them are built anew.
readonly as_tested=(--workspace --bins --tests --examples)

# The program's decoder on the films that pydicom carries, and on a phantom that independent tools wrote and compressed.
check_dicom() {
    cargo build "${as_tested[@]}"
    "$dicom_python" tests/reference/check_dicom.py "$target/debug/examples/decoded" "$target/debug/covid-classifier"
}

# The same with rasters.
check_rasters() {
    cargo build "${as_tested[@]}"
    "$dicom_python" tests/reference/check_rasters.py "$target/debug/examples/decoded" "$target/debug/covid-classifier"
}

# More mutations of the fuzz targets than `cargo test` runs, always the same.
replay_fuzz_targets() {
    FUZZ_INPUTS=${FUZZ_INPUTS:-5000} cargo test --workspace --test fuzz
}

# libFuzzer's targets are a workspace of their own, with the linked sources and crates of the library.
check_libfuzzer_targets() {
    CARGO_TARGET_DIR=$target/fuzz RUSTFLAGS="--cfg fuzzing -D warnings" \
        cargo check --locked --manifest-path fuzz/Cargo.toml --bins
}

compile_parity() {
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS cargo build --package parity --lib --target "$wasm_target"
}

# Both modules of the browser tests, compiled. Optimising a whole module keeps one core busy, and so do many tests: the
# two go on side by side.
start_compiling_modules() {
    # In a process group of its own, so that all of it ends with this script.
    set -m
    (
        set -e
        build_module
        compile_parity
        printf 'compiled in %d s\n' "$SECONDS"
    ) >"$target/modules.log" 2>&1 </dev/null &
    compiling=$!
    set +m
    trap 'kill -- "-$compiling" 2>/dev/null || true' EXIT
    trap 'exit 130' INT
}

await_modules() {
    local begin=$SECONDS
    printf '\n'
    say "modules for the browser"
    if wait "$compiling"; then
        record "modules for the browser: the wait for them" ok $((SECONDS - begin))
    else
        record "modules for the browser: the wait for them" FAILED $((SECONDS - begin))
    fi
    cat "$target/modules.log"
    trap - EXIT INT
}

# The suite of all back-ends as a module for the browser.
build_parity() {
    compile_parity
    "$xtask" bindgen --wasm "$target/$wasm_target/debug/parity.wasm" --out "$target/parity"
}

build_test_site() { build_site "${as_tested[@]}"; }

build_single() { node tools/single.mjs; }

# Put together again from the same parts, dist/ has the same bytes. Whether two builds of the parts have is what
# tools/reproducible.sh says, which takes as long as two builds.
check_site_again() {
    node tools/dist.mjs --bindgen "$site_parts" --out "$target/dist-again" >/dev/null
    diff --recursive --brief dist "$target/dist-again"
    if have sha256sum; then
        (cd dist && sha256sum --check --quiet SHA256SUMS)
    else
        (cd dist && shasum --algorithm 256 --check SHA256SUMS >/dev/null)
    fi
}

# Licences and sources of everything; what is banned, of what is shipped: the local server of the build tool may open ports.
check_crates() {
    "$cargo_deny" --locked --log-level error --workspace check --hide-inclusion-graph licenses sources
    "$cargo_deny" --locked --log-level error check --hide-inclusion-graph bans
}

# What would let a stranger into a workflow: an action that is not pinned, a permission too many, a cache in a release.
check_workflows() { "$zizmor" --offline --no-progress --quiet --no-config .github; }

# Known holes: of crates in RustSec's database, of npm packages in the registry's. A database that cannot be reached is not a
# finding: the step is skipped, with the reason.
check_advisories() {
    local name="known holes of crates" said status=0
    printf '\n'
    say "$name"
    if [[ -n $deny_problem ]]; then
        record "$name" skipped 0
    else
        said=$("$cargo_deny" --locked --log-level error --workspace check --hide-inclusion-graph advisories 2>&1) || status=$?
        settle_advisories "$name" "$status" "$said" 'failed to fetch advisory database|failed to (open|load) advisory database'
    fi
    name="known holes of npm packages"
    printf '\n'
    say "$name"
    status=0
    said=$(npm audit 2>&1) || status=$?
    settle_advisories "$name" "$status" "$said" 'audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT'
}

# Usage: settle_advisories NAME STATUS SAID UNREACHABLE
settle_advisories() {
    printf '%s\n' "$3"
    if [[ $2 -eq 0 ]]; then
        record "$1" ok 0
    elif grep -qE "$4" <<<"$3"; then
        warn "the database of known holes cannot be reached from here."
        record "$1" skipped 0
    else
        record "$1" FAILED 0
    fi
}

# An archive of phantoms through Apache Spark, with an executor killed in the middle; by the program of the tests.
check_spark() {
    "$spark_python" tests/archive/check_spark.py "$target/debug/covid-classifier"
}

test_in_browser() {
    need_chromium
    need_firefox
    need_hosts
    # Two suites side by side: each waits longer than it would alone.
    DIST=$root/dist CLI=$target/debug/covid-classifier PARITY=$target/parity PATIENCE=${PATIENCE:-3} npm run --silent test:browser
}

# Without browsers, and without what only they need. For work in progress: continuous integration runs all.
run_quick_tests() {
    need_rust
    step "Cargo.lock is current" check_lock_file
    step "rustfmt" cargo fmt --all --check
    step "clippy" cargo clippy --workspace --all-targets --all-features -- -D warnings
    step "tests" cargo test --workspace
    if need_npm_packages; then
        step "style of the JavaScript" npm run --silent check:style
        step "page's types" npm run --silent check:types
        step "page's rooms, and how the site is put together" npm run --silent test:tools
    else
        warn "$npm_problem."
        record "style of the JavaScript" skipped 0
        record "page's types" skipped 0
        record "page's rooms, and how the site is put together" skipped 0
    fi
    print_summary
}

run_tests() {
    need_rust
    step "tools" set_up_tests
    local tools_are_there=yes
    last_step_passed || tools_are_there=no
    step "Cargo.lock is current" check_lock_file
    step "rustfmt" cargo fmt --all --check
    step "clippy" cargo clippy --workspace --all-targets --all-features -- -D warnings
    step "clippy for WebAssembly" check_wasm
    if need_cargo_deny; then
        step "licences and sources of crates" check_crates
    else
        warn "$deny_problem."
        record "licences and sources of crates" skipped 0
    fi
    if need_zizmor; then
        step "workflows" check_workflows
    else
        warn "$zizmor_problem."
        record "workflows" skipped 0
    fi
    [[ $tools_are_there == no ]] || check_advisories
    mkdir -p "$target"
    start_compiling_modules
    step "tests" cargo test --workspace
    if [[ $tools_are_there == yes ]]; then
        step "style of the JavaScript" npm run --silent check:style
        step "page's types" npm run --silent check:types
        step "page's rooms, and how the site is put together" npm run --silent test:tools
    else
        record "style of the JavaScript" skipped 0
        record "page's types" skipped 0
        record "page's rooms, and how the site is put together" skipped 0
    fi
    step "fuzz targets" replay_fuzz_targets
    step "libFuzzer's targets compile" check_libfuzzer_targets
    step "rustdoc" check_rustdoc
    if need_dicom_reference; then
        step "DICOM films against pydicom" check_dicom
        step "rasters against other tools" check_rasters
    else
        warn "$dicom_problem: films are not compared with what other tools make of them."
        record "DICOM films against pydicom" skipped 0
        record "rasters against other tools" skipped 0
    fi
    if need_spark; then
        step "an archive through Apache Spark" check_spark
    else
        warn "$spark_problem: Apache Spark is not tried."
        record "an archive through Apache Spark" skipped 0
    fi
    await_modules
    step "site" build_test_site
    local site_is_there=no
    ! last_step_passed || site_is_there=yes
    step "parity module" build_parity
    if last_step_passed && [[ $site_is_there == yes && $tools_are_there == yes ]]; then
        step "site, put together again" check_site_again
        step "page as one file" build_single
        step "tests in the browser" test_in_browser
        find_firefox || record "tests in Firefox" skipped 0
        need_hosts
        [[ -n $NGINX ]] || record "tests on nginx" skipped 0
        [[ -n $CADDY ]] || record "tests on Caddy" skipped 0
    else
        record "site, put together again" skipped 0
        record "page as one file" skipped 0
        record "tests in the browser" skipped 0
    fi
    print_summary
}

# --- Commands ---------------------------------------------------------------------------------

run_bench() {
    need_rust
    if [[ $* == "--only archive" ]]; then
        need_npm_packages || die "$npm_problem."
        cargo build --release
        CLI=$target/release/covid-classifier exec node benches/archive.mjs
    fi
    need_npm_packages || die "$npm_problem."
    need_npm_packages benches || die "$npm_problem."
    need_chromium
    need_python_reference
    cargo build --release
    build_site
    say "measuring"
    DIST=$root/dist CLI=$target/release/covid-classifier PYTHON=$python exec node benches/bench.mjs "$@"
}

# Each target for so many seconds, from the seeds and what was found before; what fails lies in fuzz/artifacts. The
# folder is laid out as cargo-fuzz wants it, but what it tells the compiler is enough, and works with the toolchain of
# rust-toolchain.toml: neither cargo-fuzz nor nightly Rust nor RUSTC_BOOTSTRAP is needed. There is no address sanitizer,
# which would need it: the readers have no unsafe code of their own.
run_fuzz() {
    local seconds=60 name names=() features=() failed=() host
    if [[ $# -gt 0 ]]; then
        seconds=$1
        shift
    fi
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "fuzz takes a number of seconds, then names of targets."
    need_rust
    have c++ || die "no C++ compiler (c++) is installed, which libFuzzer is built with."
    host=$(rustc -vV | sed -n 's/^host: //p')
    names=("$@")
    [[ $# -gt 0 ]] || mapfile -t names < <(ls fuzz/fuzz_targets | sed 's/\.rs$//')
    # Only the target `model` needs the networks.
    [[ " ${names[*]} " != *" model "* ]] || features=(--features whole)
    # In a folder of its own, because the flags differ from those of every other build.
    export CARGO_TARGET_DIR=$target/fuzz
    say "building the fuzz targets"
    (
        unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
        export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
            -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
            -Cllvm-args=-sanitizer-coverage-trace-compares"
        cargo build --release --target "$host" --manifest-path fuzz/Cargo.toml "${features[@]}"
    )
    SEEDS=$target/fuzz/seeds "$target/fuzz/$host/release/seeds"
    for name in "${names[@]}"; do
        say "fuzzing $name for $seconds s"
        mkdir -p "fuzz/corpus/$name" "fuzz/artifacts/$name" "fuzz/found/$name"
        "$target/fuzz/$host/release/$name" "fuzz/corpus/$name" "$target/fuzz/seeds/$name" "fuzz/found/$name" \
            -artifact_prefix="fuzz/artifacts/$name/" -max_total_time="$seconds" -rss_limit_mb=1536 \
            -malloc_limit_mb=512 -timeout=20 -max_len=65536 -print_final_stats=1 || failed+=("$name")
    done
    [[ ${#failed[@]} -eq 0 ]] || die "something was found: ${failed[*]}. What fails lies in fuzz/artifacts/TARGET."
}

run_lab() {
    need_rust
    # candle's own threads would spin beside those that the laboratory works on.
    export CANDLE_NUM_THREADS=${CANDLE_NUM_THREADS:-1} RAYON_NUM_THREADS=${RAYON_NUM_THREADS:-1}
    exec cargo run --release --package covid-lab -- "$@"
}

run_format() {
    need_rust
    need_npm_packages || die "$npm_problem."
    cargo fmt --all
    npm run --silent format
}

no_arguments() { [[ $# -eq 1 ]] || die "\`$1\` takes no arguments; ./build.sh --help says what there is."; }

command=${1:-build}
[[ $# -eq 0 ]] || shift
case $command in
    build)
        no_arguments "$command" "$@"
        build_site
        say "the site is in $root/dist; ./build.sh serve shows it"
        ;;
    serve)
        build_site
        exec "$xtask" serve --dir dist "$@"
        ;;
    single)
        no_arguments "$command" "$@"
        build_site
        build_single
        say "the page is in $root/dist/covid-classifier.html; a double click opens it"
        ;;
    package)
        no_arguments "$command" "$@"
        need_npm_packages || die "$npm_problem."
        build_site
        DIST=$root/dist OUT=$target exec node npm/pack.mjs
        ;;
    test)
        case ${1:-} in
            --quick)
                shift
                no_arguments "$command --quick" "$@"
                run_quick_tests
                ;;
            *)
                no_arguments "$command" "$@"
                run_tests
                ;;
        esac
        ;;
    format)
        no_arguments "$command" "$@"
        run_format
        ;;
    bench) run_bench "$@" ;;
    fuzz) run_fuzz "$@" ;;
    train)
        [[ $# -gt 0 && $1 != -* ]] || die "train what? texture, lungs, convnet, gate or verdict."
        [[ $1 != gate || -d target/photographs ]] || tests/reference/photographs.sh target/photographs
        run_lab train "$@"
        ;;
    evaluate) run_lab evaluate "$@" ;;
    setup)
        no_arguments "$command" "$@"
        need_rust
        set_up_tests
        (need_python_reference) || warn "all but bench works without the Python reference."
        say "set up"
        ;;
    help | -h | --help) usage ;;
    *)
        usage >&2
        die "there is no command $command."
        ;;
esac
