# Servers of stores that checks run, built once and cached outside the checkout. Sourced after .ci/peers/venv.sh, not run.
# shellcheck shell=bash

MINIO_VERSION=v0.0.0-20260212201848-7aac2a2c5b7c
FAKE_GCS_VERSION=v1.56.1
AZURITE_VERSION=3.37.0
AWSCLI_VERSION=1.46.2

# Prints the folder of MinIO and fake-gcs-server, which are built from their modules (minutes, once). Test only: MinIO is under the AGPL.
store_servers() {
  GOTOOLCHAIN=local go_tools store-servers "github.com/minio/minio@$MINIO_VERSION" "github.com/fsouza/fake-gcs-server@$FAKE_GCS_VERSION"
}

# Prints the folder of a virtual environment with AWS's own client.
aws_client() {
  venv "awscli-$AWSCLI_VERSION" "awscli==$AWSCLI_VERSION"
}

# Prints the jar with Hadoop's servers for tests, which comes from Maven, in the version of a POM.
hdfs_server() { # POM
  local version dir
  version=$(sed -n 's:.*<hadoop.version>\(.*\)</hadoop.version>.*:\1:p' "$1")
  dir="$(ci_cache)/hdfs-server"
  [ -f "$dir/hadoop-client-minicluster-$version.jar" ] ||
    mvn -B -ntp -q org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy \
      "-Dartifact=org.apache.hadoop:hadoop-client-minicluster:$version" "-DoutputDirectory=$dir" >&2 || return
  printf '%s\n' "$dir/hadoop-client-minicluster-$version.jar"
}

# Prints the script that `node` runs as Azurite's Blob service (365 MB, once).
azurite() {
  local dir
  dir="$(ci_cache)/azurite-$AZURITE_VERSION"
  mkdir -p "$dir"
  (
    flock 9
    if [ ! -e "$dir/stamp" ]; then
      command -v npm >/dev/null 2>&1 || { echo "no npm on the PATH: install Node.js 20 or newer" >&2; exit 1; }
      echo "installing Azurite $AZURITE_VERSION (cached)" >&2
      npm install --prefix "$dir" --no-audit --no-fund --loglevel=error "azurite@$AZURITE_VERSION" >&2 || exit
      touch "$dir/stamp"
    fi
  ) 9>"$dir.lock" || return
  printf '%s\n' "$dir/node_modules/azurite/dist/src/blob/main.js"
}
