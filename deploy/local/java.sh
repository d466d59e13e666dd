# What the scripts in this folder share: finding Java, a text encoding that can carry any file name. Sourced, not run.
# shellcheck shell=bash

die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit "${2:-2}"
}

# A command as one types it in a shell, for messages.
typed() { # WORD...
  local line
  printf -v line ' %q' "$@"
  printf '%s\n' "${line# }"
}

# Maven prints codes of colours even where it is told to use none.
without_colours() { sed $'s/\033\\[[0-9;]*m//g'; }

# The real folder of the script that was called, whatever links lead to it.
script_folder() {
  local file=$1 target
  while [ -L "$file" ]; do
    target=$(readlink "$file")
    case $target in
      /*) file=$target ;;
      *) file=$(dirname "$file")/$target ;;
    esac
  done
  (cd "$(dirname "$file")" && pwd -P)
}

# Sets `java`, `java_home`, `java_version` and `java_feature` (17, 21, ...). The release file of a JDK answers without a start of the JVM.
find_java() {
  local version found=
  if [ -n "${JAVA_HOME:-}" ]; then
    [ -x "$JAVA_HOME/bin/java" ] || die "JAVA_HOME is $JAVA_HOME, which has no bin/java. Set it to a JDK of version 17 or newer, or unset it."
    java=$JAVA_HOME/bin/java
    found="JAVA_HOME ($JAVA_HOME)"
  else
    java=$(command -v java || true)
    [ -n "$java" ] || die "no Java found. Install a JDK of version 17 or newer, or set JAVA_HOME."
    found=$java
  fi
  java_home=$(dirname "$(dirname "$(readlink -f "$java" 2>/dev/null || printf '%s' "$java")")")
  version=$(sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$java_home/release" 2>/dev/null || true)
  [ -n "$version" ] || version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.version = //p')
  java_version=$version
  version=${version#1.} # 1.8
  java_feature=${version%%[!0-9]*}
  [ -n "$java_feature" ] || die "$found does not tell its version. Set JAVA_HOME to a JDK of version 17 or newer."
  [ "$java_feature" -ge 17 ] || die "$found is Java $java_version, but 17 or newer is needed. Set JAVA_HOME to such a JDK."
}

# File names are bytes; under another locale than UTF-8 Java 17 cannot open those that are not ASCII.
use_utf8() {
  if [ "$(locale charmap 2>/dev/null || true)" != UTF-8 ]; then
    export LC_ALL=C.UTF-8
  fi
}

# Whether no other account than root made a folder with code, can write to it, or can put another one in its place.
is_ours() { # DIR
  local above
  above=$(cd "$1" && pwd -P) || return 1
  [ -n "$(find "$above" -prune \( -user "$(id -u)" -o -user 0 \) ! -perm -0020 ! -perm -0002)" ] || return 1
  [ -z "$(replaceable_above "$above")" ]
}

# Prints the mode to take away and the first folder above DIR in which others can put something in its place: one that all may write to,
# or a group that is not called as its owner or this account is, and which is not sticky. Such a group is an account's own; who is in
# another one cannot be found out.
replaceable_above() { # DIR, without links
  local above=$1 self owner group
  self=$(id -un 2>/dev/null || id -u)
  while [ "$above" != / ]; do
    above=$(dirname "$above")
    if [ -n "$(find "$above" -prune -perm -0002 ! -perm -1000)" ]; then
      printf 'o-w %s\n' "$above"
      return
    fi
    if [ -n "$(find "$above" -prune -perm -0020 ! -perm -1000)" ]; then
      # shellcheck disable=SC2012 # names where there are any, numbers otherwise, on every system
      read -r _ _ owner group _ <<<"$(ls -ld "$above")"
      if [ "$group" != "$owner" ] && [ "$group" != "$self" ]; then
        printf 'g-w %s\n' "$above"
        return
      fi
    fi
  done
}

# Sets `java_quiet`: what Flink's own libraries need from the JVM to work without warnings.
java_flags() {
  # shellcheck disable=SC2034 # the scripts that source this use it
  java_quiet=(-Dfile.encoding=UTF-8 -Dsun.jnu.encoding=UTF-8)
  if [ "$java_feature" -ge 24 ]; then
    java_quiet+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
  fi
}

# Prints each of the libraries in the folders of connectors beside a jar. Catalogs and policies may name any store, so those of all stores
# are taken, which costs no time; those for Sigstore only for the commands that may need them.
connector_libraries() { # JAR COMMAND...
  local folder jar
  for folder in "$(dirname "$1")"/connectors/*; do
    [ -d "$folder" ] || continue
    case "${folder##*/} ${2:-} ${3:-}" in
      *' sigstore' | *' policy' | 'sigstore resign '*) ;;
      'sigstore '*) continue ;;
    esac
    for jar in "$folder"/*.jar; do
      [ ! -f "$jar" ] || printf '%s\n' "$jar"
    done
  done
}

# Sets where Flink finds its plugins, which it has for checkpoints and results on object stores: beside a jar, unless somebody said so.
find_plugins() { # JAR
  export FLINK_PLUGINS_DIR=${FLINK_PLUGINS_DIR:-$(cd "$(dirname "$1")" && pwd)/plugins}
}
